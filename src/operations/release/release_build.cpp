#include "operations/release/release_build.h"

#include <fmt/format.h>

#include <boost/json.hpp>

#include "core/counted.h"
#include "core/semantic_version.h"
#include "core/version.h"
#include "operations/release/releases.h"
#include "targets/local/release.h"
#include "targets/local/release_archive.h"

namespace auterity::operations {
namespace {

namespace fs = std::filesystem;

constexpr const char* kFolder = "folder";
constexpr const char* kArchive = "archive";

std::string text_of(const JsonObject& object, std::string_view name) {
  return std::string(string_or(object.if_contains(name), ""));
}

Status check_version(const std::string& version) {
  if (parse_semantic_version(version)) return {};
  return fail(ErrorKind::invalid_input, fmt::format("'{}' is not a semantic version", version),
              "three numbers and, if you like, a suffix: 1.4.0 or 1.4.0-rc.1 (semver.org)");
}

class FolderStep final : public Step {
 public:
  FolderStep(LocalContext& context, ReleaseBuildRequest request)
      : context_(context),
        request_(std::move(request)),
        folder_(context.layout.releases() / request_.version) {}

  Async<Result<Observation>> observe() override {
    const auto there = local::installed_digest(context_.files, folder_);
    if (!there || *there != request_.digest)
      co_return Observation{false,
                            folder_.string() + (there ? " holds another build" : " is not there")};
    const auto damage = local::verify_release(context_.files, folder_);
    if (!damage.empty()) co_return Observation{false, fmt::format("{}", fmt::join(damage, "; "))};
    co_return Observation{true, fmt::format("{} is whole, digest {}", folder_.string(), *there)};
  }

  Async<Status> apply() override {
    AUTERITY_CO_TRY(source, local::find_release_source(request_.program));
    AUTERITY_CO_CHECK(context_.files.create_directories(folder_.parent_path()));
    co_return co_await local::install_release(context_.files, context_.processes, std::move(source),
                                              folder_, request_.version, request_.digest);
  }

  Async<Status> undo() override { co_return context_.files.remove_tree(folder_); }

 private:
  LocalContext& context_;
  ReleaseBuildRequest request_;
  fs::path folder_;
};

class ArchiveStep final : public Step {
 public:
  ArchiveStep(LocalContext& context, fs::path folder, fs::path archive)
      : context_(context), folder_(std::move(folder)), archive_(std::move(archive)) {}

  Async<Result<Observation>> observe() override {
    AUTERITY_CO_TRY(holds, co_await local::archive_holds(context_.files, context_.processes,
                                                         archive_, folder_));
    co_return Observation{
        holds, fmt::format("{} {}", archive_.string(), holds ? "holds it" : "is not there")};
  }
  Async<Status> apply() override {
    co_return co_await local::write_archive(context_.files, context_.processes, folder_, archive_);
  }
  Async<Status> undo() override { co_return context_.files.remove_tree(archive_); }

 private:
  LocalContext& context_;
  fs::path folder_, archive_;
};

}  // namespace

Result<Plan> plan_release_build(const ReleaseBuildRequest& request,
                                const ReleaseBuildFacts& facts) {
  if (!facts.there.empty() && facts.there != facts.digest)
    return fail(ErrorKind::conflict,
                fmt::format("release {} is there with another content (digest {}, not {})",
                            request.version, facts.there.substr(0, 12), facts.digest.substr(0, 12)),
                "a version never changes its content: choose another one; the releases are listed "
                "by: auterity release list");
  Plan plan{std::string(ReleaseBuildOperation::kKind), facts.environment, {}, {}};
  const auto add = [&](const char* name, std::string description, UndoPolicy policy) {
    plan.steps.push_back({name, std::move(description), policy});
  };
  if (facts.whole)
    plan.satisfied.emplace_back(kFolder);
  else
    add(kFolder,
        fmt::format("{} {} files, {}, in {}",
                    facts.there.empty() ? "put" : "mend the release:", facts.files,
                    size_text(facts.size_bytes), (facts.releases / request.version).string()),
        facts.there.empty() ? UndoPolicy::undo : UndoPolicy::keep);
  if (facts.whole && facts.archived)
    plan.satisfied.emplace_back(kArchive);
  else
    add(kArchive,
        "write " + (facts.releases / local::archive_name(request.version, platform())).string(),
        UndoPolicy::undo);
  return plan;
}

JsonObject ReleaseBuildOperation::request() const {
  return {{"version", request_.version},
          {"program", request_.program.string()},
          {"digest", request_.digest}};
}

ReleaseBuildRequest ReleaseBuildOperation::parse_request(const JsonObject& request) {
  return {text_of(request, "version"), text_of(request, "program"), text_of(request, "digest")};
}

fs::path ReleaseBuildOperation::archive() const {
  return context_.layout.releases() / local::archive_name(request_.version, platform());
}

Async<Result<Plan>> ReleaseBuildOperation::plan() {
  AUTERITY_CO_CHECK(check_version(request_.version));
  AUTERITY_CO_TRY(source, local::find_release_source(request_.program));
  AUTERITY_CO_TRY(files, local::hash_source(source));
  request_.digest = local::digest_of(files);
  const local::ReleaseManifest built{{}, std::move(files), request_.digest};
  ReleaseBuildFacts facts{.environment = context_.layout.environment,
                          .releases = context_.layout.releases(),
                          .digest = built.digest,
                          .files = built.files.size(),
                          .size_bytes = built.size_bytes()};
  facts.there = local::installed_digest(context_.files, folder()).value_or("");
  facts.whole = !facts.there.empty() && local::verify_release(context_.files, folder()).empty();
  AUTERITY_CO_TRY(archived, co_await local::archive_holds(context_.files, context_.processes,
                                                          archive(), folder()));
  facts.archived = archived;
  co_return plan_release_build(request_, facts);
}

Result<std::unique_ptr<Step>> ReleaseBuildOperation::bind(const PlannedStep& step) {
  if (step.name == kFolder) return std::make_unique<FolderStep>(context_, request_);
  if (step.name == kArchive) return std::make_unique<ArchiveStep>(context_, folder(), archive());
  return fail(ErrorKind::not_found, fmt::format("release build has no step named {}", step.name),
              "the operation was begun by another version of auterity; use that one to go on");
}

}  // namespace auterity::operations
