#include "targets/local/supervisor.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>

namespace auterity::local {
namespace {

constexpr std::string_view kLoggerSuffix = "-log";
constexpr std::string_view kSupervisorLog = "supervisor";
constexpr Duration kPoll = std::chrono::milliseconds(50);
constexpr int kDeathsUntilFailed = 3;
constexpr std::string_view kPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

// s6's control pipes have a reader exactly while their program runs.
bool has_reader(const std::filesystem::path& pipe) {
  const int descriptor = ::open(pipe.c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC);
  if (descriptor < 0) return false;
  ::close(descriptor);
  return true;
}

// A TAI64N label, "@" and 24 hexadecimal digits, counts from 2^62 and runs 37 seconds ahead of UTC
// since 2017.
Time parse_tai64n(std::string_view label) {
  std::uint64_t seconds = 0;
  std::uint32_t nanoseconds = 0;
  if (label.size() != 25) return {};
  std::from_chars(label.data() + 1, label.data() + 17, seconds, 16);
  std::from_chars(label.data() + 17, label.data() + 25, nanoseconds, 16);
  const auto since_epoch = static_cast<std::int64_t>(seconds - (std::uint64_t{1} << 62)) - 37;
  return Time(std::chrono::seconds(since_epoch)) + Duration(nanoseconds / 1000);
}

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words(1);
  for (const char c : text) {
    if (c == ' ' || c == '\n')
      words.emplace_back();
    else
      words.back() += c;
  }
  std::erase(words, "");
  return words;
}

std::string milliseconds_text(Duration duration) {
  return std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(duration).count());
}

}  // namespace

std::string_view ServiceState::name() const {
  if (!installed) return "absent";
  if (!supervised || !up) return "stopped";
  return ready ? "running" : "starting";
}

Async<Result<std::string>> Supervisor::command(std::vector<std::string> arguments,
                                               Duration timeout) {
  const std::string shown = fmt::format("{}", fmt::join(arguments, " "));
  ProcessRequest request;
  request.arguments = std::move(arguments);
  request.timeout = timeout;
  AUTERITY_CO_TRY(outcome, co_await processes_.run(std::move(request)));
  if (outcome.exit_code == 0) co_return std::move(outcome.output);
  while (!outcome.error_output.empty() && outcome.error_output.back() == '\n')
    outcome.error_output.pop_back();
  co_return fail(
      ErrorKind::failed,
      fmt::format("{}: {} (exit code {})", shown, outcome.error_output, outcome.exit_code),
      "see the logs in " + platform_.layout.logs().string());
}

Async<Status> Supervisor::check(std::vector<std::string> arguments, Duration timeout) {
  AUTERITY_CO_CHECK(co_await command(std::move(arguments), timeout));
  co_return Status{};
}

bool Supervisor::running() const {
  return has_reader(platform_.layout.services() / ".s6-svscan/control");
}

bool Supervisor::supervised(std::string_view name) const {
  // The pipe is there a moment before the first status is.
  const auto folder = platform_.layout.service(name) / "supervise";
  return has_reader(folder / "control") && files_.exists(folder / "status");
}

Async<Status> Supervisor::start() {
  const auto& services = platform_.layout.services();
  AUTERITY_CO_TRY(names, installed_services());
  // After a reboot everything would start at once, in no order.
  for (const std::string& name : names) {
    if (supervised(name)) continue;
    const auto folder = platform_.layout.service(name);
    AUTERITY_CO_CHECK(files_.write_atomically(folder / "down", ""));
    // The last words of a supervisor that was killed: until the new one has spoken they would pass
    // for its own, and the service for running.
    AUTERITY_CO_CHECK(files_.remove_tree(folder / "supervise/status"));
  }
  AUTERITY_CO_CHECK(co_await install_logger(std::string(kSupervisorLog)));
  const std::string script =
      fmt::format("exec </dev/null 1<>{}/supervisor-log/data/pipe 2>&1\nexec s6-svscan -t 0 {}\n",
                  services.string(), services.string());
  ProcessRequest request;
  request.arguments = {"setsid", "--fork", "/bin/sh", "-c", script};
  request.clean_environment = true;  // of whoever happened to start the platform
  request.environment = {{"PATH", std::string(kPath)}, {"LC_ALL", "C.UTF-8"}};
  request.working_directory = "/";
  AUTERITY_CO_TRY(started, co_await processes_.run(std::move(request)));
  if (started.exit_code != 0)
    co_return fail(ErrorKind::failed, "s6-svscan did not start: " + started.error_output,
                   "run tools/setup run, which installs it");
  const Duration deadline = clock_.monotonic() + std::chrono::seconds(10);
  while (!running()) {
    if (clock_.monotonic() > deadline)
      co_return fail(ErrorKind::timeout, "s6-svscan did not start within 10 s",
                     "see " + (platform_.layout.logs() / kSupervisorLog).string());
    co_await clock_.sleep(kPoll);
  }
  co_return Status{};
}

Async<Status> Supervisor::stop() {
  const auto& services = platform_.layout.services();
  if (running()) {
    AUTERITY_CO_CHECK(co_await check({"s6-svscanctl", "-t", services.string()}));
    const Duration deadline = clock_.monotonic() + std::chrono::seconds(60);
    while (running()) {
      if (clock_.monotonic() > deadline)
        co_return fail(ErrorKind::timeout, "s6-svscan did not end within 60 s",
                       "see which service does not stop: auterity status");
      co_await clock_.sleep(kPoll);
    }
  }
  // Supervisors that an earlier s6-svscan left behind answer to nobody but us.
  AUTERITY_CO_TRY(names, files_.list(services));
  for (const std::string& name : names)
    if (!name.starts_with('.') && supervised(name))
      AUTERITY_CO_CHECK(
          co_await check({"s6-svc", "-xd", "-wD", "-T", "30000", (services / name).string()},
                         std::chrono::seconds(40)));
  co_return Status{};
}

Result<std::vector<std::string>> Supervisor::installed_services() const {
  std::vector<std::string> services;
  if (!files_.exists(platform_.layout.services())) return services;
  AUTERITY_TRY(names, files_.list(platform_.layout.services()));
  for (std::string& name : names)
    if (!name.starts_with('.') && !name.ends_with(kLoggerSuffix) &&
        files_.exists(platform_.layout.service(name) / "run"))
      services.push_back(std::move(name));
  return services;
}

Async<Result<ServiceState>> Supervisor::state(std::string name) {
  const auto folder = platform_.layout.service(name);
  ServiceState state;
  state.installed = files_.exists(folder / "run");
  state.supervised = state.installed && supervised(name);
  state.kept_down = files_.exists(folder / "down");
  if (!state.supervised) co_return state;
  AUTERITY_CO_TRY(line,
                  co_await command({"s6-svstat", "-o", "up,ready,pid,updownsince", folder.string()},
                                   std::chrono::seconds(10)));
  const auto words = words_of(line);
  if (words.size() < 4)
    co_return fail(ErrorKind::internal, "s6-svstat answered: " + line, "check the version of s6");
  state.up = words[0] == "true";
  state.ready = words[1] == "true";
  if (state.up) std::from_chars(words[2].data(), words[2].data() + words[2].size(), state.pid);
  state.since = parse_tai64n(words[3]);
  AUTERITY_CO_TRY(deaths, co_await command({"s6-svdt", folder.string()}, std::chrono::seconds(10)));
  state.restarts = static_cast<int>(std::ranges::count(deaths, '\n'));
  co_return state;
}

bool Supervisor::runs_as_defined(const ServiceDefinition& service) const {
  const auto digest = files_.read(platform_.layout.service(service.name) / "data/started");
  return digest && *digest == service.digest();
}

std::vector<std::string> Supervisor::changed_files(const ServiceDefinition& service) const {
  std::vector<std::string> changed;
  for (const ServiceFile& file : service.files) {
    const auto content = files_.read(platform_.layout.service(service.name) / file.name);
    if (!content || *content != file.content) changed.push_back(file.name);
  }
  return changed;
}

Async<Status> Supervisor::rewrite_service(const ServiceDefinition& service) {
  const auto folder = platform_.layout.service(service.name);
  if (!files_.exists(folder / "run")) co_return co_await install(service);
  const std::vector<std::string> changed = changed_files(service);
  if (changed.empty()) co_return Status{};
  AUTERITY_CO_CHECK(files_.remove_tree(folder / "data/started"));
  for (const ServiceFile& file : service.files)
    if (std::ranges::find(changed, file.name) != changed.end())
      AUTERITY_CO_CHECK(co_await write_file(file, folder));
  co_return Status{};
}

Async<Status> Supervisor::signal_service(std::string name, std::string signal) {
  return check({"s6-svc", std::move(signal), platform_.layout.service(name).string()});
}

Async<Status> Supervisor::reload_service(ServiceDefinition service) {
  AUTERITY_CO_CHECK(co_await install(service));
  co_return co_await check({"s6-svc", "-2", platform_.layout.service(service.name).string()});
}

Status Supervisor::confirm_started(const ServiceDefinition& service) {
  return files_.write_atomically(platform_.layout.service(service.name) / "data/started",
                                 service.digest());
}

Async<Status> Supervisor::write_files(const ServiceDefinition& service,
                                      std::filesystem::path folder) {
  AUTERITY_CO_CHECK(files_.create_directories(folder / "data"));
  // Variables that are no longer wanted go with the folder.
  AUTERITY_CO_CHECK(files_.remove_tree(folder / "data/env"));
  for (const ServiceFile& file : service.files)
    AUTERITY_CO_CHECK(co_await write_file(file, folder));
  co_return Status{};
}

Async<Status> Supervisor::write_file(const ServiceFile& file, std::filesystem::path folder) {
  const auto path = folder / file.name;
  AUTERITY_CO_CHECK(files_.create_directories(path.parent_path()));
  AUTERITY_CO_CHECK(files_.write_atomically(path, file.content, file.mode));
  if (!file.for_service_user || !platform_.drops_privileges) co_return Status{};
  co_return co_await check({"chown", platform_.service_user + ":", path.string()});
}

Async<Status> Supervisor::install_logger(std::string service) {
  const ServiceDefinition logger = define_logger(platform_, service);
  const auto folder = platform_.layout.service(logger.name);
  const std::string owner = platform_.drops_privileges ? platform_.service_user : "";
  std::vector<std::string> logs{"install", "-d", "-m", "0755"};
  if (!owner.empty()) logs.insert(logs.end(), {"-o", owner, "-g", owner});
  logs.push_back((platform_.layout.logs() / service).string());
  AUTERITY_CO_CHECK(co_await check(std::move(logs)));
  if (files_.exists(folder / "data/pipe")) {
    AUTERITY_CO_CHECK(co_await write_files(logger, folder));
    co_return Status{};
  }
  const auto fresh = platform_.layout.services() / ("." + logger.name + ".new");
  AUTERITY_CO_CHECK(files_.remove_tree(fresh));
  AUTERITY_CO_CHECK(co_await write_files(logger, fresh));
  const std::string pipe = (fresh / "data/pipe").string();
  AUTERITY_CO_CHECK(co_await check({"mkfifo", "-m", "0600", pipe}));
  if (!owner.empty()) AUTERITY_CO_CHECK(co_await check({"chown", owner + ":", pipe}));
  co_return co_await check({"mv", "-T", fresh.string(), folder.string()});
}

Async<Status> Supervisor::install(const ServiceDefinition& service) {
  AUTERITY_CO_CHECK(co_await install_logger(service.name));
  const auto folder = platform_.layout.service(service.name);
  if (files_.exists(folder / "run")) {
    AUTERITY_CO_CHECK(files_.remove_tree(folder / "data/started"));
    co_return co_await write_files(service, folder);
  }
  const auto fresh = platform_.layout.services() / ("." + service.name + ".new");
  AUTERITY_CO_CHECK(files_.remove_tree(fresh));
  AUTERITY_CO_CHECK(co_await write_files(service, fresh));
  AUTERITY_CO_CHECK(files_.write_atomically(fresh / "down", ""));
  co_return co_await check({"mv", "-T", fresh.string(), folder.string()});
}

Async<Status> Supervisor::supervise(std::string name) {
  if (supervised(name)) co_return Status{};
  AUTERITY_CO_CHECK(co_await check({"s6-svscanctl", "-a", platform_.layout.services().string()}));
  const Duration deadline = clock_.monotonic() + std::chrono::seconds(10);
  while (!supervised(name)) {
    if (clock_.monotonic() > deadline)
      co_return fail(ErrorKind::timeout,
                     fmt::format("s6-svscan did not take up {} within 10 s", name),
                     "see " + (platform_.layout.logs() / kSupervisorLog).string());
    co_await clock_.sleep(kPoll);
  }
  co_return Status{};
}

Async<Status> Supervisor::start_service(ServiceDefinition service) {
  AUTERITY_CO_CHECK(co_await install(service));
  AUTERITY_CO_CHECK(co_await supervise(service.name + std::string(kLoggerSuffix)));
  AUTERITY_CO_CHECK(co_await supervise(service.name));
  const auto folder = platform_.layout.service(service.name);
  AUTERITY_CO_TRY(before, co_await state(service.name));
  if (before.up) AUTERITY_CO_CHECK(co_await stop_service(service.name));
  AUTERITY_CO_CHECK(co_await check({"s6-svdt-clear", folder.string()}));
  AUTERITY_CO_CHECK(co_await bring_up(service.name, service.ready_timeout));
  AUTERITY_CO_CHECK(files_.remove_tree(folder / "down"));
  co_return confirm_started(service);
}

Async<Status> Supervisor::bring_up(std::string name, Duration limit) {
  AUTERITY_CO_CHECK(co_await check({"s6-svc", "-u", platform_.layout.service(name).string()}));
  const Duration deadline = clock_.monotonic() + limit;
  for (;;) {
    AUTERITY_CO_TRY(now, co_await state(name));
    if (now.ready) co_return Status{};
    const bool dying = now.restarts >= kDeathsUntilFailed;
    if (dying || clock_.monotonic() > deadline)
      co_return fail(ErrorKind::failed,
                     fmt::format("{} {}; its log ends: {}", name,
                                 dying ? "ends again and again"
                                       : fmt::format("did not get ready within {} ms",
                                                     milliseconds_text(limit)),
                                 end_of_log(name)),
                     "the whole log is in " + (platform_.layout.logs() / name).string());
    co_await clock_.sleep(kPoll);
  }
}

Async<Status> Supervisor::stop_service(std::string name) {
  const auto folder = platform_.layout.service(name);
  AUTERITY_CO_TRY(before, co_await state(name));
  if (!before.installed) co_return Status{};
  AUTERITY_CO_CHECK(files_.write_atomically(folder / "down", ""));
  // Its supervisor was killed, or never started: what it may have left running is found by other
  // means.
  if (!before.supervised)
    co_return co_await check({(folder / "data/end-leftovers").string()}, std::chrono::seconds(40));
  co_return co_await check({"s6-svc", "-wD", "-T", "120000", "-d", folder.string()},
                           std::chrono::seconds(130));
}

Async<Status> Supervisor::continue_service(std::string name) {
  const auto folder = platform_.layout.service(name);
  AUTERITY_CO_CHECK(co_await supervise(name + std::string(kLoggerSuffix)));
  AUTERITY_CO_CHECK(co_await supervise(name));
  AUTERITY_CO_CHECK(co_await check({"s6-svdt-clear", folder.string()}));
  AUTERITY_CO_CHECK(co_await bring_up(name, std::chrono::minutes(10)));
  co_return files_.remove_tree(folder / "down");
}

Async<Status> Supervisor::remove_service(std::string name) {
  AUTERITY_CO_CHECK(co_await stop_service(name));
  for (const std::string& part : {name, name + std::string(kLoggerSuffix)}) {
    const auto folder = platform_.layout.service(part);
    if (!files_.exists(folder)) continue;
    const auto aside = platform_.layout.services() / ("." + part + ".removed");
    AUTERITY_CO_CHECK(files_.remove_tree(aside));
    if (supervised(part)) AUTERITY_CO_CHECK(co_await check({"s6-svc", "-xd", folder.string()}));
    AUTERITY_CO_CHECK(co_await check({"mv", "-T", folder.string(), aside.string()}));
    if (running())
      AUTERITY_CO_CHECK(
          co_await check({"s6-svscanctl", "-an", platform_.layout.services().string()}));
    const Duration deadline = clock_.monotonic() + std::chrono::seconds(10);
    while (has_reader(aside / "supervise/control") && clock_.monotonic() < deadline)
      co_await clock_.sleep(kPoll);
    AUTERITY_CO_CHECK(files_.remove_tree(aside));
  }
  co_return Status{};
}

std::string Supervisor::end_of_log(std::string_view name) const {
  const auto text = files_.read(platform_.layout.logs() / name / "current");
  if (!text || text->empty()) return "(empty)";
  std::string_view rest = *text;
  rest = rest.substr(0, rest.find_last_not_of('\n') + 1);
  std::size_t start = rest.size();
  for (int line = 0; line < 3 && start != std::string_view::npos && start > 0; ++line)
    start = rest.rfind('\n', start - 1);
  std::string end(rest.substr(start == std::string_view::npos ? 0 : start + 1));
  std::ranges::replace(end, '\n', '|');
  return end;
}

}  // namespace auterity::local
