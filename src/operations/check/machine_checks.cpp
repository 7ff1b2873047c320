// What this machine has left: disk, memory, file handles, ports.
#include <fmt/format.h>
#include <sys/resource.h>

#include <charconv>
#include <filesystem>

#include "operations/check/verdicts.h"
#include "targets/local/ports.h"

namespace auterity::operations::check {
namespace {

Judgement skipped(std::string why) {
  return {Verdict::skipped, std::move(why), "look at it by hand"};
}

Judgement look_at_disk(const Subject& subject) {
  std::error_code error;
  std::filesystem::path folder = subject.context.layout.home;
  while (!std::filesystem::exists(folder, error) && folder.has_relative_path())
    folder = folder.parent_path();
  const auto space = std::filesystem::space(folder, error);
  if (error) return skipped("the disk could not be asked: " + error.message());
  return judge_disk(space.available, space.capacity);
}

// Bytes of one line of /proc/meminfo, "MemAvailable:  123456 kB" (proc(5)).
std::optional<std::uint64_t> find_memory(std::string_view table, std::string_view line) {
  const std::size_t at = table.find(line);
  if (at == table.npos) return std::nullopt;
  const std::size_t digits = table.find_first_of("0123456789", at);
  if (digits == table.npos) return std::nullopt;
  std::uint64_t kibibytes = 0;
  std::from_chars(table.data() + digits, table.data() + table.size(), kibibytes);
  return kibibytes * 1024;
}

Judgement look_at_files() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return skipped("the limit could not be asked");
  return judge_file_limit(limit.rlim_max);
}

Judgement look_at_port(const Subject& subject) {
  const int port = subject.platform ? subject.platform->public_port
                                    : static_cast<int>(subject.environment.number("ports.public"));
  const std::string address = subject.platform ? subject.platform->address : "127.0.0.1";
  const auto holder = local::find_port_holder(port);
  if (!holder && local::is_free(address, port))
    return {Verdict::pass, fmt::format("port {} is free", port), ""};
  if (holder && holder->folder.starts_with(subject.context.layout.state().string() + "/"))
    return {Verdict::pass, fmt::format("port {} is the platform's own", port), ""};
  return {Verdict::fail,
          holder
              ? fmt::format("port {} is taken by {} (pid {})", port, holder->program, holder->pid)
              : fmt::format("port {} is taken by another user's process", port),
          "end that process, or choose another port: auterity up --port N"};
}

class MachineFamily final : public Family {
 public:
  std::vector<std::string> ids() const override {
    return {"disk", "memory", "capacity", "file-limit", "ports", "certificates"};
  }

  Async<Result<std::vector<Finding>>> run(const Subject& subject) override {
    std::vector<Finding> findings{{"disk", look_at_disk(subject)},
                                  {"file-limit", look_at_files()},
                                  {"ports", look_at_port(subject)}};
    look_at_memory(subject, findings);
    findings.push_back({"certificates", certificates(subject)});
    co_return findings;
  }

 private:
  static void look_at_memory(const Subject& subject, std::vector<Finding>& findings) {
    const auto table = subject.context.files.read("/proc/meminfo");
    const auto available = table ? find_memory(*table, "MemAvailable:") : std::nullopt;
    const auto total = table ? find_memory(*table, "MemTotal:") : std::nullopt;
    if (!available || !total) {
      findings.push_back({"memory", skipped("/proc/meminfo cannot be read")});
      findings.push_back({"capacity", skipped("/proc/meminfo cannot be read")});
      return;
    }
    const int processes =
        subject.platform ? subject.platform->pool().replicas + subject.platform->pool().workers
                         : static_cast<int>(subject.environment.number("app_desired_capacity") +
                                            subject.environment.number("workers"));
    findings.push_back({"memory", judge_memory(*available, *total)});
    findings.push_back({"capacity", judge_capacity(*available, processes)});
  }

  static Judgement certificates(const Subject& subject) {
    if (subject.environment.text("ssl_certificate_arn").empty())
      return {Verdict::skipped, "no certificate is configured: the platform speaks plain HTTP",
              "end TLS in front of it, and watch that certificate's expiry there"};
    return skipped("the certificate's expiry is known to ACM alone");
  }
};

}  // namespace

std::unique_ptr<Family> make_machine_family() { return std::make_unique<MachineFamily>(); }

}  // namespace auterity::operations::check
