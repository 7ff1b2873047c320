#include "operations/deploy/deploy_changes.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>

#include "core/counted.h"
#include "operations/process_needs.h"
#include "operations/release/releases.h"

namespace auterity::operations {
namespace {

constexpr std::size_t kCommitCharacters = 12;
constexpr std::string_view kDirty = "-dirty";

double seconds(Duration duration) { return std::chrono::duration<double>(duration).count(); }

std::string release_text(const ReleaseFacts& release) {
  std::string commit = release.commit.substr(0, kCommitCharacters);
  if (release.commit.size() > kCommitCharacters && release.commit.ends_with(kDirty))
    commit += kDirty;
  return fmt::format("{} (commit {})", release.version, commit.empty() ? "unknown" : commit);
}

JsonObject release_document(const ReleaseFacts& release) {
  return {{"version", release.version}, {"commit", release.commit}};
}

PlannedChange release_change(const DeployFacts& facts) {
  return {
      "release",
      {fmt::format("{} → {}", release_text(facts.old_release), release_text(facts.new_release))},
      {{"from", release_document(facts.old_release)}, {"to", release_document(facts.new_release)}}};
}

PlannedChange settings_change(const DeployFacts& facts) {
  PlannedChange change{"settings", {}, {}};
  JsonArray changed;
  for (const ChangedSetting& setting : facts.settings) {
    change.lines.push_back(fmt::format("{} is {} ({})", setting.name, setting.how, setting.source));
    changed.push_back(
        JsonObject{{"name", setting.name}, {"how", setting.how}, {"source", setting.source}});
  }
  if (change.lines.empty())
    change.lines.push_back(fmt::format("{} starts with the same as {} did", facts.request.candidate,
                                       facts.request.stable));
  change.facts["changed"] = std::move(changed);
  return change;
}

PlannedChange migrations_change(const DeployFacts& facts) {
  PlannedChange change{"migrations", {}, {{"schema_revision", facts.schema_revision}}};
  JsonArray pending;
  for (const PlannedMigration& migration : facts.expansion.migrations) {
    for (std::string& line : lines_of(migration)) change.lines.push_back(std::move(line));
    pending.push_back(to_json(migration));
  }
  if (pending.empty())
    change.lines.push_back(
        fmt::format("none: the schema stays at revision {}", facts.schema_revision));
  else
    change.lines.push_back(
        "what they add, and the restore point before them, stay when the deploy "
        "is turned back");
  change.facts["pending"] = std::move(pending);
  if (!facts.request.restore_point.empty())
    change.facts["restore_point"] = facts.request.restore_point;
  return change;
}

PlannedChange capacity_change(const DeployFacts& facts) {
  const DeployRequest& request = facts.request;
  const int compared = compared_replicas(request);
  const auto processes =
      static_cast<std::uint64_t>(processes_of_deploy(request.replicas, request.workers, compared));
  const std::uint64_t needed = processes * facts.memory.largest_process;
  PlannedChange change{
      "capacity",
      {fmt::format("{} and {}, as many as {} has", counted(request.replicas, "API replica"),
                   counted(request.workers, "worker"), request.stable) +
       (compared == 0 ? ""
                      : fmt::format("; {} for the comparison", counted(compared, "more replica")))},
      {{"replicas", request.replicas},
       {"workers", request.workers},
       {"more_processes", processes},
       {"bytes_needed", needed},
       {"bytes_available", facts.memory.available}}};
  if (needed == 0 || facts.memory.available == 0)
    change.lines.push_back("the memory that they need is not known");
  else
    change.lines.push_back(fmt::format(
        "{} processes of {}, the largest of {} now, take about {}; {} are available{}", processes,
        size_text(facts.memory.largest_process), request.stable, size_text(needed),
        size_text(facts.memory.available), needed > facts.memory.available ? ": too little" : ""));
  return change;
}

PlannedChange duration_change(const DeployFacts& facts) {
  const DeployRequest& request = facts.request;
  const Duration watching = watching_time(request);
  const bool watches = watching > Duration{};
  const std::string watched = fmt::format("{:g} s of watching ({} times {:g} s)", seconds(watching),
                                          request.canary.size() + 1, seconds(request.bake));
  std::vector<Duration> earlier = facts.earlier;
  PlannedChange change{
      "duration", {}, {{"watching_s", seconds(watching)}, {"measured", earlier.size()}}};
  const std::string_view what = facts.rollback ? "rollback" : "deploy";
  if (earlier.empty()) {
    change.lines.push_back(
        watches ? fmt::format("longer than {}; no {} that went through here says by how much",
                              watched, what)
                : fmt::format("not known: no {} went through here yet", what));
    return change;
  }
  std::ranges::sort(earlier);
  const Duration rest = earlier[earlier.size() / 2];
  change.facts["expected_s"] = seconds(watching + rest);
  change.lines.push_back(fmt::format(
      "about {:.0f} s, an estimate: {} the median of the last {} that went through here",
      seconds(watching + rest),
      watches ? fmt::format("{}, and {:.0f} s for the rest, as in", watched, seconds(rest))
              : "as in",
      earlier.size()));
  return change;
}

}  // namespace

Duration watching_time(const DeployRequest& request) {
  return request.bake * (request.canary.size() + 1);
}

std::vector<PlannedChange> changes_of(const DeployFacts& facts) {
  return {release_change(facts), settings_change(facts), migrations_change(facts),
          capacity_change(facts), duration_change(facts)};
}

}  // namespace auterity::operations
