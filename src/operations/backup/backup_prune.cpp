#include "operations/backup/backup_prune.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>

#include "core/counted.h"
#include "operations/backup/publish_step.h"
#include "operations/backup/stored_backups.h"
#include "operations/backup/uploads_inventory.h"
#include "operations/journal/file_journal.h"
#include "operations/kept_step.h"

namespace auterity::operations::backup {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view kRemove = "remove-";
constexpr std::string_view kLeftovers = "leftovers-";
constexpr std::string_view kLogStep = "log";
constexpr std::string_view kCopiesStep = "copies";
constexpr std::string_view kLog = "wal/";
// What is younger may be at work on another machine that uses the same location.
constexpr Duration kLeftoverAge = 24h;
constexpr std::string_view kDeploy = "deploy";

RetentionEntry retention_entry(const CatalogueEntry& entry) {
  const BackupManifest& manifest = *entry.manifest;
  RetentionEntry result{.id = manifest.id,
                        .kind = manifest.kind,
                        .taken_at = manifest.taken_at,
                        .proven = entry.is_proven(),
                        .needs = manifest.needs,
                        .system_id = {},
                        .start = {}};
  if (manifest.database) {
    result.system_id = manifest.database->system_id;
    result.start = manifest.database->start;
  }
  return result;
}

// When the release in use was deployed, if the journal knows.
std::optional<Time> release_since(LocalContext& context) {
  FileJournal journal(context.files, context.layout.operations());
  const auto operations = journal.list();
  if (!operations) return std::nullopt;
  std::optional<Time> since;
  for (const OperationHistory& operation : *operations)
    if (operation.plan.operation == kDeploy && operation.outcome == "done")
      since = operation.started_at;
  return since;
}

// Whether nobody needs that piece of the log any more. Without a backup of its cluster nothing is
// known of it, and it stays; so do the histories of timelines.
bool lies_before(const std::string& key, const std::map<std::string, data::Lsn>& needed_from) {
  const auto folder = kLog.size();
  const auto system_end = key.find('/', folder);
  if (system_end == key.npos) return false;
  const auto needed = needed_from.find(key.substr(folder, system_end - folder));
  const std::string name = key.substr(key.rfind('/') + 1);
  const auto segment = data::parse_segment_name(name.substr(0, name.find('.')));
  return needed != needed_from.end() && segment &&
         segment->start + data::kWalSegmentBytes <= needed->second;
}

// Copies of uploads that no inventory names. While one inventory cannot be read, all of them stay.
class RemoveCopiesStep final : public KeptStep {
 public:
  explicit RemoveCopiesStep(BackupStorage& storage) : storage_(storage) {}

  Async<Result<Observation>> observe() override {
    AUTERITY_CO_TRY(keys, co_await unnamed_copies(storage_));
    if (keys.empty()) co_return Observation{true, "every copy of an upload belongs to a backup"};
    co_return Observation{false, fmt::format("{} copies belong to no backup", keys.size())};
  }

  Async<Status> apply() override {
    AUTERITY_CO_TRY(keys, co_await unnamed_copies(storage_));
    for (std::string& key : keys) AUTERITY_CO_CHECK(co_await storage_.store().remove(key));
    co_return Status{};
  }

 private:
  BackupStorage& storage_;
};

class RemoveLogStep final : public KeptStep {
 public:
  RemoveLogStep(BackupPruneOperation& operation, BackupStorage& storage)
      : operation_(operation), storage_(storage) {}

  Async<Result<Observation>> observe() override {
    AUTERITY_CO_TRY(plan, co_await operation_.look());
    if (plan.log_keys.empty()) co_return Observation{true, "no log is older than it has to be"};
    co_return Observation{
        false, fmt::format("{} objects of the log are not needed any more", plan.log_keys.size())};
  }

  Async<Status> apply() override {
    AUTERITY_CO_TRY(plan, co_await operation_.look());
    for (std::string& key : plan.log_keys)
      AUTERITY_CO_CHECK(co_await storage_.store().remove(std::move(key)));
    co_return Status{};
  }

 private:
  BackupPruneOperation& operation_;
  BackupStorage& storage_;
};

// Removes a whole backup, or what one that died left: whatever carries the stamp.
class RemoveStep final : public KeptStep {
 public:
  RemoveStep(BackupPruneOperation& operation, BackupStorage& storage, std::string stamp,
             bool has_manifest)
      : operation_(operation),
        storage_(storage),
        stamp_(std::move(stamp)),
        has_manifest_(has_manifest) {}

  Async<Result<Observation>> observe() override {
    AUTERITY_CO_TRY(names, co_await manifests());
    AUTERITY_CO_TRY(
        keys, co_await objects_of(storage_.store(), storage_.catalogue().environment(), stamp_));
    const std::size_t there = names.size() + keys.size();
    if (there == 0) co_return Observation{true, stamp_ + " is gone"};
    co_return Observation{false, fmt::format("{} has {} objects", stamp_, there)};
  }

  Async<Status> apply() override {
    AUTERITY_CO_TRY(names, co_await manifests());
    if (!names.empty()) AUTERITY_CO_CHECK(co_await check_still_wanted());
    for (const ManifestName& name : names)
      AUTERITY_CO_CHECK(co_await storage_.catalogue().remove(name));
    co_return co_await remove_objects(storage_.store(), storage_.catalogue().environment(), stamp_);
  }

 private:
  Async<Result<std::vector<ManifestName>>> manifests() {
    std::vector<ManifestName> names;
    AUTERITY_CO_TRY(entries, co_await storage_.catalogue().all());
    for (const CatalogueEntry& entry : entries)
      if (entry.name.stamp == stamp_) names.push_back(entry.name);
    co_return names;
  }

  // It may have become the last proven one since it was planned, when this goes on after a break.
  Async<Status> check_still_wanted() {
    AUTERITY_CO_TRY(plan, co_await operation_.look());
    if (has_manifest_ && std::ranges::any_of(plan.removed, [&](const CatalogueEntry& entry) {
          return entry.name.stamp == stamp_;
        }))
      co_return Status{};
    co_return fail(ErrorKind::conflict, fmt::format("backup {} is to stay by now", stamp_),
                   "plan anew: auterity backup prune --plan");
  }

  BackupPruneOperation& operation_;
  BackupStorage& storage_;
  std::string stamp_;
  bool has_manifest_;
};

}  // namespace

RetentionPolicy policy_of(const EnvironmentFile& environment) {
  const auto number = [&](std::string_view path) {
    return static_cast<int>(environment.number(path));
  };
  return {number("backup.retention.daily"), number("backup.retention.weekly"),
          number("backup.retention.monthly"), number("backup.keep_minimum")};
}

Result<PrunePlan> plan_prune(const RetentionPolicy& policy,
                             const std::vector<CatalogueEntry>& entries,
                             const StoredObjects& stored, std::optional<Time> release_since,
                             Time now, bool allow_removing_most) {
  PrunePlan plan;
  RetentionSubject subject{.entries = {}, .unreadable = 0, .release_since = release_since};
  for (const CatalogueEntry& entry : entries) {
    if (entry.manifest) {
      subject.entries.push_back(retention_entry(entry));
      continue;
    }
    ++subject.unreadable;
    plan.unreadable.push_back(fmt::format("{}: {}", entry.name.stamp, entry.damage));
  }
  AUTERITY_TRY(retention, plan_retention(policy, subject, allow_removing_most));
  for (const Uuid& id : retention.removed)
    plan.removed.push_back(*std::ranges::find_if(entries, [&](const CatalogueEntry& entry) {
      return entry.manifest && entry.manifest->id == id;
    }));
  for (const std::string& stamp : stored.stamps) {
    const auto begun = time_of_stamp(stamp);
    const bool known = std::ranges::any_of(
        entries, [&](const CatalogueEntry& entry) { return entry.name.stamp == stamp; });
    if (!known && begun && *begun + kLeftoverAge < now) plan.leftovers.push_back(stamp);
  }
  for (const std::string& key : stored.log_keys)
    if (lies_before(key, retention.log_needed_from)) plan.log_keys.push_back(key);
  plan.retention = std::move(retention);
  return plan;
}

Plan steps_of(const PrunePlan& prune, const std::string& environment) {
  Plan plan{std::string(BackupPruneOperation::kKind), environment, {}, {}};
  for (const std::string& stamp : prune.leftovers)
    plan.steps.push_back({std::string(kLeftovers) + stamp,
                          fmt::format("remove what the unfinished backup {} left", stamp),
                          UndoPolicy::refuse});
  for (const CatalogueEntry& entry : prune.removed)
    plan.steps.push_back(
        {std::string(kRemove) + entry.name.stamp,
         fmt::format("remove {} backup {} of {} ({}, {})", name_of(entry.name.kind),
                     entry.name.stamp, to_rfc3339(entry.name.taken_at),
                     size_text(entry.manifest->stored_size()), entry.state()),
         UndoPolicy::refuse});
  if (!prune.log_keys.empty())
    plan.steps.push_back({std::string(kLogStep),
                          fmt::format("remove {} objects of the archived log that no backup needs",
                                      prune.log_keys.size()),
                          UndoPolicy::refuse});
  const bool frees_copies = prune.unreadable.empty() &&
                            std::ranges::any_of(prune.removed, [](const CatalogueEntry& entry) {
                              return entry.manifest->data.has_value();
                            });
  if (frees_copies || (prune.unreadable.empty() && prune.unnamed_copies))
    plan.steps.push_back({std::string(kCopiesStep),
                          "remove copies of uploads that no backup names any more",
                          UndoPolicy::refuse});
  if (!plan.steps.empty()) plan.steps.push_back(planned_publish());
  return plan;
}

BackupPruneOperation::BackupPruneOperation(LocalContext& context,
                                           std::unique_ptr<BackupStorage> storage,
                                           RetentionPolicy policy, PruneRequest request)
    : context_(context), storage_(std::move(storage)), policy_(policy), request_(request) {}

Result<std::unique_ptr<BackupPruneOperation>> BackupPruneOperation::make(
    LocalContext& context, const EnvironmentFile& environment, PruneRequest request) {
  AUTERITY_TRY(storage, BackupStorage::open(context, environment));
  return std::unique_ptr<BackupPruneOperation>(
      new BackupPruneOperation(context, std::move(storage), policy_of(environment), request));
}

PruneRequest BackupPruneOperation::parse_request(const JsonObject& request) {
  const Json* most = request.if_contains("allow_removing_most");
  return {most != nullptr && most->is_bool() && most->get_bool()};
}

Async<Result<PrunePlan>> BackupPruneOperation::look() {
  AUTERITY_CO_TRY(entries, co_await storage_->catalogue().all());
  AUTERITY_CO_TRY(stamps, co_await stored_stamps(storage_->store()));
  AUTERITY_CO_TRY(log_keys, co_await keys_under(storage_->store(), std::string(kLog)));
  auto plan =
      plan_prune(policy_, entries, {{stamps.begin(), stamps.end()}, std::move(log_keys)},
                 release_since(context_), context_.clock.now(), request_.allow_removing_most);
  AUTERITY_CO_CHECK(plan);
  AUTERITY_CO_TRY(unnamed, co_await unnamed_copies(*storage_));
  plan->unnamed_copies = !unnamed.empty();
  co_return plan;
}

Async<Result<Plan>> BackupPruneOperation::plan() {
  AUTERITY_CO_TRY(prune, co_await look());
  co_return steps_of(prune, context_.layout.environment);
}

Result<std::unique_ptr<Step>> BackupPruneOperation::bind(const PlannedStep& step) {
  if (step.name == kCopiesStep) return std::make_unique<RemoveCopiesStep>(*storage_);
  if (step.name == kLogStep) return std::make_unique<RemoveLogStep>(*this, *storage_);
  if (step.name == kPublish) return make_publish_step(context_, *storage_);
  for (const std::string_view lead : {kRemove, kLeftovers})
    if (step.name.starts_with(lead))
      return std::make_unique<RemoveStep>(*this, *storage_, step.name.substr(lead.size()),
                                          lead == kRemove);
  return fail(ErrorKind::not_found, fmt::format("backup prune has no step named {}", step.name),
              "the operation was begun by another version of auterity; use that one to go on");
}

}  // namespace auterity::operations::backup
