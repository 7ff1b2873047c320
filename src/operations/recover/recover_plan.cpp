#include "operations/recover/recover_plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>

#include "operations/recover/recover.h"
#include "operations/up/up.h"

namespace auterity::operations {
namespace {

using backup::CatalogueEntry;

std::string described(const CatalogueEntry& entry) {
  return fmt::format("{} backup {} of {}, {}", name_of(entry.manifest->kind),
                     to_text(entry.manifest->id), to_rfc3339(entry.manifest->taken_at),
                     entry.state());
}

JsonObject facts_of(const CatalogueEntry& entry) {
  return {{"id", to_text(entry.manifest->id)},
          {"kind", name_of(entry.manifest->kind)},
          {"taken_at", to_rfc3339(entry.manifest->taken_at)},
          {"state", entry.state()}};
}

PlannedChange database_change(const RecoverFacts& facts) {
  const CatalogueEntry& entry = facts.backups.database;
  PlannedChange change{"database", {described(entry)}, facts_of(entry)};
  if (!entry.is_proven())
    change.lines.push_back("nobody has restored and compared it yet: taken since it was named");
  change.lines.push_back(facts.to ? fmt::format("with the log up to {}", to_rfc3339(*facts.to))
                                  : "with the log to its end");
  change.facts["to"] = facts.to ? Json(to_rfc3339(*facts.to)) : Json(nullptr);
  return change;
}

PlannedChange files_change(const RecoverFacts& facts) {
  const auto& files = facts.backups.files;
  if (!files)
    return {"files",
            {"no backup of uploads and configuration: what is in this environment's folder stays"},
            {{"id", nullptr}}};
  return {"files", {described(*files)}, facts_of(*files)};
}

PlannedChange release_change(const RecoverFacts& facts) {
  const std::string& version = facts.platform.pool().version;
  std::string line = version;
  if (!facts.release_there.empty() && facts.release_there != version)
    line += fmt::format(", since {} is not on this machine", facts.release_there);
  return {"release", {std::move(line)}, {{"version", version}, {"was", facts.release_there}}};
}

PlannedStep up_step(const RecoverFacts& facts, std::string name, UndoPolicy policy) {
  return {name, describe_up_step(facts.platform, name), policy};
}

std::string recovery_text(const RecoverFacts& facts) {
  return fmt::format("start PostgreSQL on 127.0.0.1:{} and have it replay the log {}",
                     facts.platform.postgres_port,
                     facts.to ? "up to " + to_rfc3339(*facts.to) : "to its end");
}

std::string uploads_text(const RecoverFacts& facts) {
  if (!facts.backups.files) return "look which uploads of the database are there";
  return fmt::format("bring back {} uploads and payloads, each compared with its hash",
                     facts.backups.files->manifest->data->uploads);
}

// What belongs to the database's server and is neither data nor application.
bool follows_database(std::string_view service) {
  return service != "postgres" && service != "redis" && service != "nginx" &&
         service != "haproxy" && service != local::kAutoscaler &&
         local::parse_member(service).colour.empty();
}

void add_application(const RecoverFacts& facts, std::vector<PlannedStep>& steps) {
  const auto add = [&](const std::string& name, UndoPolicy policy = UndoPolicy::undo) {
    steps.push_back(up_step(facts, name, policy));
  };
  add("redis");
  for (const local::Pool& pool : facts.platform.pools)
    for (const std::string& name : pool.api_names()) add(name);
  for (const char* name : {"nginx", "haproxy"}) add(name);
  add("health", UndoPolicy::keep);
  steps.back().lasting = false;
  for (const local::Pool& pool : facts.platform.pools)
    for (const std::string& name : pool.worker_names()) add(name);
  if (facts.platform.autoscaler) add(std::string(local::kAutoscaler));
  for (const std::string& service : facts.surplus) add("retire-" + service, UndoPolicy::keep);
}

}  // namespace

Plan plan_recover(const RecoverFacts& facts) {
  using namespace recover_steps;
  const local::Layout& layout = facts.platform.layout;
  Plan plan{std::string(RecoverOperation::kKind), layout.environment, facts.stops, {}};
  auto& steps = plan.steps;
  const auto add = [&](std::string_view name, std::string description, UndoPolicy policy) {
    steps.push_back({std::string(name), std::move(description), policy});
  };
  if (facts.has_data)
    add(kPutAside, fmt::format("put the data in {} aside", layout.state().string()),
        UndoPolicy::undo);
  if (facts.platform.drops_privileges)
    steps.push_back(up_step(facts, "service-user", UndoPolicy::keep));
  steps.push_back(up_step(facts, "state-folder", UndoPolicy::keep));
  add("credentials",
      fmt::format("write the platform's passwords and keys to {}", layout.credentials().string()),
      UndoPolicy::keep);
  for (const char* name : {"backup-key", "release"})
    steps.push_back(up_step(facts, name, UndoPolicy::keep));
  steps.push_back(up_step(facts, "supervisor", UndoPolicy::undo));
  add(kDataFolder,
      fmt::format("restore the cluster of {}, each file compared",
                  to_rfc3339(facts.backups.database.manifest->taken_at)),
      UndoPolicy::undo);
  add(kRecovery, recovery_text(facts), UndoPolicy::undo);
  for (const std::string& service : facts.platform.service_names())
    if (follows_database(service)) steps.push_back(up_step(facts, service, UndoPolicy::undo));
  add(kUploads, uploads_text(facts), UndoPolicy::keep);
  steps.push_back(up_step(facts, "schema", UndoPolicy::keep));
  add(kExecutions, "look through what was under way: what is repeated, what fires late, what lacks",
      UndoPolicy::refuse);
  add_application(facts, steps);
  add(kReport, "measure how much was lost and how long it took", UndoPolicy::keep);
  plan.changes = {database_change(facts), files_change(facts), release_change(facts)};
  if (facts.source != layout.environment)
    plan.changes.push_back({"source",
                            {fmt::format("the backups of environment {}", facts.source)},
                            {{"environment", facts.source}}});
  return plan;
}

}  // namespace auterity::operations
