#include "operations/up/up_folder_steps.h"

#include <fmt/format.h>
#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>

#include <boost/json.hpp>
#include <vector>

#include "operations/kept_step.h"
#include "operations/process_call.h"
#include "targets/local/release.h"

namespace auterity::operations {
namespace {

namespace fs = std::filesystem;

bool user_exists(const std::string& name) { return ::getpwnam(name.c_str()) != nullptr; }

class ServiceUserStep final : public KeptStep {
 public:
  ServiceUserStep(LocalContext& context, const local::Platform& platform)
      : context_(context), platform_(platform) {}

  Async<Result<Observation>> observe() override {
    const bool there = user_exists(platform_.service_user);
    co_return Observation{there, fmt::format("user {} {}", platform_.service_user,
                                             there ? "exists" : "does not exist")};
  }

  Async<Status> apply() override {
    co_return co_await call(context_.processes,
                            {"adduser", "--system", "--group", "--quiet", "--no-create-home",
                             "--home", "/nonexistent", platform_.service_user});
  }

 private:
  LocalContext& context_;
  const local::Platform& platform_;
};

struct Folder {
  fs::path path;
  unsigned mode;
  bool for_services;
};

class StateFolderStep final : public KeptStep {
 public:
  StateFolderStep(LocalContext& context, const local::Platform& platform)
      : context_(context), platform_(platform) {}

  Async<Result<Observation>> observe() override {
    for (const Folder& folder : folders())
      if (!fits(folder))
        co_return Observation{false, folder.path.string() + " is missing or has other permissions"};
    for (const auto& [link, target] : log_links())
      if (!points_to(link, target))
        co_return Observation{false, link.string() + " does not lead to " + target};
    const auto kept = context_.files.read(platform_.layout.platform_file());
    if (!kept || *kept != kept_text(platform_))
      co_return Observation{false, "ports and sizes are not kept yet, or differ"};
    co_return Observation{true, platform_.layout.state().string() + " is complete"};
  }

  Async<Status> apply() override {
    for (const Folder& folder : folders()) {
      if (fits(folder)) continue;
      std::vector<std::string> arguments{"install", "-d", "-m", fmt::format("{:o}", folder.mode)};
      if (folder.for_services && platform_.drops_privileges)
        arguments.insert(arguments.end(), {"-o", platform_.service_user, "-g", group()});
      arguments.push_back(folder.path.string());
      AUTERITY_CO_CHECK(co_await call(context_.processes, std::move(arguments)));
    }
    for (const auto& [link, target] : log_links())
      if (!points_to(link, target))
        AUTERITY_CO_CHECK(
            co_await call(context_.processes, {"ln", "-sfnT", target, link.string()}));
    AUTERITY_CO_CHECK(co_await open_home());
    co_return keep_platform(context_, platform_);
  }

 private:
  // The cluster's own folder is made by its step, as a whole.
  std::vector<Folder> folders() const {
    const local::Layout& layout = platform_.layout;
    const unsigned base_mode = platform_.drops_privileges ? 0755 : 0700;
    return {{layout.state(), 0755, false},
            {layout.redis(), 0700, true},
            {layout.objects(), 0750, true},
            {layout.releases(), 0755, false},
            {layout.services(), 0755, false},
            {layout.logs(), 0755, false},
            {layout.operations(), 0755, false},
            {layout.run.parent_path(), base_mode, false},
            {layout.run, 0700, true}};
  }

  // logs/api-1 leads to the logs of whoever is api-1 in the pool in use.
  std::vector<std::pair<fs::path, std::string>> log_links() const {
    std::vector<std::pair<fs::path, std::string>> links;
    const local::Pool& pool = platform_.pool();
    for (const auto& names : {pool.api_names(), pool.worker_names()})
      for (const std::string& name : names)
        links.emplace_back(platform_.layout.logs() / local::parse_member(name).component, name);
    return links;
  }

  static bool points_to(const fs::path& link, const std::string& target) {
    std::error_code error;
    return fs::read_symlink(link, error) == target;
  }

  bool fits(const Folder& folder) const {
    struct stat facts{};
    if (::stat(folder.path.c_str(), &facts) != 0 || !S_ISDIR(facts.st_mode)) return false;
    const unsigned owner = folder.for_services ? service_user_id() : context_.user_id;
    return (facts.st_mode & 07777) == folder.mode && facts.st_uid == owner;
  }

  unsigned service_user_id() const {
    if (!platform_.drops_privileges) return context_.user_id;
    const passwd* entry = ::getpwnam(platform_.service_user.c_str());
    return entry == nullptr ? ~0u : entry->pw_uid;
  }

  std::string group() const {
    const passwd* entry = ::getpwnam(platform_.service_user.c_str());
    return entry == nullptr ? platform_.service_user : std::to_string(entry->pw_gid);
  }

  // Services that dropped root's privileges must be able to pass through the home folder, which
  // whoever made it (mktemp -d, say) may have closed. Folders above it are not ours to open.
  Async<Status> open_home() {
    if (!platform_.drops_privileges) co_return Status{};
    struct stat facts{};
    const fs::path& home = platform_.layout.home;
    if (::stat(home.c_str(), &facts) == 0 && (facts.st_mode & S_IXOTH) == 0)
      AUTERITY_CO_CHECK(co_await call(context_.processes, {"chmod", "o+x", home.string()}));
    for (fs::path above = home.parent_path(); above != above.root_path();
         above = above.parent_path())
      if (::stat(above.c_str(), &facts) == 0 && (facts.st_mode & S_IXOTH) == 0)
        co_return fail(
            ErrorKind::not_ready,
            fmt::format("services run as {} and cannot pass through {}", platform_.service_user,
                        above.string()),
            fmt::format("chmod o+x {}, or choose another AUTERITY_HOME", above.string()));
    co_return Status{};
  }

  LocalContext& context_;
  const local::Platform& platform_;
};

class CredentialsStep final : public KeptStep {
 public:
  CredentialsStep(LocalContext& context, const local::Platform& platform)
      : context_(context), platform_(platform) {}

  Async<Result<Observation>> observe() override {
    const auto path = platform_.layout.credentials();
    const auto text = context_.files.read(path);
    const bool there = text && *text == document();
    co_return Observation{there,
                          path.string() + (there ? " is complete" : " is missing or differs")};
  }

  Async<Status> apply() override {
    co_return context_.files.write_atomically(platform_.layout.credentials(), document(), 0600);
  }

 private:
  std::string document() const {
    return to_pretty_text(Json(local::credentials_document(platform_))) + "\n";
  }

  LocalContext& context_;
  const local::Platform& platform_;
};

class ReleaseStep final : public KeptStep {
 public:
  ReleaseStep(LocalContext& context, const local::Platform& platform)
      : context_(context), platform_(platform) {}

  Async<Result<Observation>> observe() override {
    const auto installed = local::installed_digest(context_.files, release());
    const bool there = installed && *installed == platform_.pool().release_digest;
    co_return Observation{there,
                          fmt::format("{} {}", release().string(),
                                      there ? "is installed" : "is missing or another build")};
  }

  Async<Status> apply() override {
    AUTERITY_CO_TRY(source, local::find_release_source(context_.program));
    co_return co_await local::install_release(context_.files, context_.processes, std::move(source),
                                              release(), platform_.pool().version,
                                              platform_.pool().release_digest);
  }

 private:
  fs::path release() const { return platform_.release(platform_.pool()); }

  LocalContext& context_;
  const local::Platform& platform_;
};

}  // namespace

std::unique_ptr<Step> make_folder_step(LocalContext& context, const local::Platform& platform,
                                       const std::string& name) {
  if (name == "service-user") return std::make_unique<ServiceUserStep>(context, platform);
  if (name == "state-folder") return std::make_unique<StateFolderStep>(context, platform);
  if (name == "credentials") return std::make_unique<CredentialsStep>(context, platform);
  if (name == "release") return std::make_unique<ReleaseStep>(context, platform);
  return nullptr;
}

}  // namespace auterity::operations
