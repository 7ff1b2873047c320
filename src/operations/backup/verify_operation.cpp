#include "operations/backup/verify_operation.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>

#include "core/finally.h"
#include "core/version.h"
#include "operations/backup/files_proof.h"
#include "operations/backup/publish_step.h"
#include "operations/backup/restored_checks.h"
#include "operations/backup/scratch_cluster.h"
#include "operations/backup/stopwatch.h"
#include "operations/kept_step.h"

namespace auterity::operations::backup {
namespace {

constexpr std::string_view kProve = "prove";

// Whether an error of reading objects, or of ScratchCluster, tells of the backup; every other tells
// of this machine.
bool refutes(const Error& error) {
  return error.kind == ErrorKind::failed || error.kind == ErrorKind::not_found;
}

bool has_failed(const std::vector<ProofCheck>& checks) {
  return std::ranges::find(checks, "fail", &ProofCheck::verdict) != checks.end();
}

Async<void> clear(ScratchCluster& scratch, Status& cleared) { cleared = co_await scratch.clear(); }

std::string summary_of(const Verification& verification) {
  std::string text;
  for (const ProofCheck& check : verification.checks)
    if (check.verdict == "fail")
      text += fmt::format("{}{}: {}", text.empty() ? "" : "; ", check.id, check.evidence);
  if (!text.empty()) return text;
  return fmt::format("restored in {:.1f} s and compared: {} checks",
                     static_cast<double>(verification.restore_ms) / 1000,
                     verification.checks.size());
}

class ProveStep final : public KeptStep {
 public:
  ProveStep(LocalContext& context, const local::Platform& platform, BackupStorage& storage,
            const VerifyRequest& request, const MakeInvariants& make_invariants)
      : context_(context),
        platform_(platform),
        storage_(storage),
        request_(request),
        make_invariants_(make_invariants) {}

  Async<Result<Observation>> observe() override {
    AUTERITY_CO_TRY(entry, co_await storage_.catalogue().find(request_.id));
    if (!entry.verification || entry.verification->at < request_.since)
      co_return Observation{false, entry.damage.empty() ? "it was not verified yet" : entry.damage};
    co_return Observation{entry.is_proven(), summary_of(*entry.verification)};
  }

  Async<Status> apply() override {
    AUTERITY_CO_TRY(entry, co_await storage_.catalogue().find(request_.id));
    AUTERITY_CO_CHECK(check_kind(entry));
    ScratchCluster scratch(context_, platform_);
    Verification verification{.backup = entry.manifest->id,
                              .manifest_sha256 = entry.manifest_sha256,
                              .at = {},
                              .passed = false,
                              .restore_ms = 0,
                              .release = std::string(version()),
                              .checks = {}};
    Status cleared;
    AUTERITY_CO_CHECK(
        co_await finally(look(scratch, *entry.manifest, verification), clear(scratch, cleared)));
    verification.at = context_.clock.now();
    verification.passed = !has_failed(verification.checks);
    AUTERITY_CO_CHECK(co_await storage_.catalogue().add(verification, entry.name));
    if (!verification.passed) {
      // No step comes after one that fails.
      AUTERITY_CO_CHECK(co_await publish_summary(context_, storage_));
      co_return fail(ErrorKind::failed,
                     fmt::format("backup {} does not hold what it should: {}", request_.id,
                                 summary_of(verification)),
                     "take another one: auterity backup database");
    }
    co_return cleared;
  }

  Async<Status> settle() override {
    ScratchCluster scratch(context_, platform_);
    co_return co_await scratch.clear();
  }

 private:
  Status check_kind(const CatalogueEntry& entry) const {
    if (!entry.manifest)
      return fail(entry.damage_kind, entry.damage, "use another backup: auterity backup list");
    return {};
  }

  // An error is one of this machine; what speaks against the backup is among the checks.
  Async<Status> look(ScratchCluster& scratch, const BackupManifest& manifest,
                     Verification& verification) {
    auto& checks = verification.checks;
    if (manifest.data) {
      auto files = co_await check_files(storage_, manifest);
      if (files)
        checks.push_back(std::move(*files));
      else
        AUTERITY_CO_CHECK(judge(checks, "files", std::move(files).error()));
    }
    if (!manifest.database) co_return Status{};
    Stopwatch watch(context_.clock);
    const std::size_t before = checks.size();
    AUTERITY_CO_CHECK(co_await restore(scratch, manifest, checks));
    if (has_failed({checks.begin() + static_cast<std::ptrdiff_t>(before), checks.end()}))
      co_return Status{};
    verification.restore_ms = watch.lap_ms();
    auto restored_checks = co_await check_restored(
        context_, storage_, scratch.url(manifest.database->database), manifest, make_invariants_);
    std::ranges::move(restored_checks.checks, std::back_inserter(checks));
    AUTERITY_CO_CHECK(co_await scratch.stop());
    auto pages = co_await scratch.check_pages();
    if (!pages) co_return judge(checks, "pages", std::move(pages).error());
    checks.push_back(passed("pages", *pages));
    // What could not be asked proves nothing; what failed refutes all the same.
    if (restored_checks.unanswered && !has_failed(checks))
      co_return std::unexpected(std::move(*restored_checks.unanswered));
    co_return Status{};
  }

  // Until the copy answers, or something speaks against the backup.
  Async<Status> restore(ScratchCluster& scratch, const BackupManifest& manifest,
                        std::vector<ProofCheck>& checks) {
    if (manifest.kind == BackupKind::logical) {
      Status restored = co_await scratch.restore_dump(storage_, manifest);
      if (!restored) co_return judge(checks, "restore", std::move(restored).error());
      checks.push_back(passed("restore", "a new cluster took in the roles and the dump"));
      co_return Status{};
    }
    Status restored = co_await scratch.restore(storage_, manifest);
    if (!restored) co_return judge(checks, "restore", std::move(restored).error());
    checks.push_back(passed("restore", "every object and every file of the cluster has its hash"));
    Status started = co_await scratch.start(*manifest.database);
    if (!started) co_return judge(checks, "boot", std::move(started).error());
    checks.push_back(passed("boot", "it recovered and takes connections"));
    co_return Status{};
  }

  static Status judge(std::vector<ProofCheck>& checks, std::string id, Error error) {
    if (!refutes(error)) return std::unexpected(std::move(error));
    checks.push_back(failed(std::move(id), error));
    return {};
  }

  LocalContext& context_;
  const local::Platform& platform_;
  BackupStorage& storage_;
  const VerifyRequest& request_;
  const MakeInvariants& make_invariants_;
};

}  // namespace

VerifyOperation::VerifyOperation(LocalContext& context, local::Platform platform,
                                 std::unique_ptr<BackupStorage> storage, VerifyRequest request,
                                 MakeInvariants make_invariants)
    : context_(context),
      platform_(std::move(platform)),
      storage_(std::move(storage)),
      request_(std::move(request)),
      make_invariants_(std::move(make_invariants)) {}

Result<std::unique_ptr<VerifyOperation>> VerifyOperation::make(LocalContext& context,
                                                               const EnvironmentFile& environment,
                                                               VerifyRequest request,
                                                               MakeInvariants make_invariants) {
  AUTERITY_TRY(platform, load_platform(context, true));
  AUTERITY_TRY(storage, BackupStorage::open(context, environment));
  return std::unique_ptr<VerifyOperation>(
      new VerifyOperation(context, std::move(platform), std::move(storage), std::move(request),
                          std::move(make_invariants)));
}

JsonObject VerifyOperation::request() const {
  return {{"id", request_.id}, {"since", to_rfc3339(request_.since)}};
}

Result<VerifyRequest> VerifyOperation::parse_request(const JsonObject& request) {
  const std::string id(string_or(request.if_contains("id"), ""));
  const auto since = parse_rfc3339(string_or(request.if_contains("since"), ""));
  if (!id.empty() && since) return VerifyRequest{id, *since};
  return fail(ErrorKind::invalid_input, "the journal's request is none of a verification",
              "the operation was begun by another version of auterity; use that one to go on");
}

PlannedStep VerifyOperation::planned_proof(std::string_view id) {
  return {std::string(kProve),
          fmt::format("restore backup {} beside the platform, boot and compare it", id),
          UndoPolicy::keep};
}

Async<Result<Plan>> VerifyOperation::plan() {
  co_return Plan{std::string(kKind),
                 context_.layout.environment,
                 {planned_proof(request_.id), planned_publish()},
                 {}};
}

Result<std::unique_ptr<Step>> VerifyOperation::bind(const PlannedStep& step) {
  if (step.name == kProve)
    return std::make_unique<ProveStep>(context_, platform_, *storage_, request_, make_invariants_);
  if (step.name == kPublish) return make_publish_step(context_, *storage_);
  return fail(ErrorKind::not_found, fmt::format("backup verify has no step named {}", step.name),
              "the operation was begun by another version of auterity; use that one to go on");
}

}  // namespace auterity::operations::backup
