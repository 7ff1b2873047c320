#include <fmt/format.h>

#include "operations/check/judgements.h"
#include "operations/check/verdicts.h"

namespace auterity::operations::check {
namespace {

constexpr int kOldestDatabase = 150000;
constexpr Duration kClockWarning = std::chrono::seconds(1);
constexpr Duration kClockFailure = std::chrono::seconds(30);

Judgement judge_version(const DatabaseFacts& facts) {
  const std::string evidence =
      fmt::format("PostgreSQL {}.{}", facts.version / 10000, facts.version % 10000);
  return facts.version >= kOldestDatabase
             ? pass(evidence)
             : failed(evidence, "this release needs PostgreSQL 15 or newer");
}

Judgement judge_privileges(const DatabaseFacts& facts) {
  return facts.can_create ? pass("the user may create tables in schema public")
                          : failed("the user may not create tables in schema public",
                                   "migrations need: GRANT CREATE ON SCHEMA public TO the user");
}

Judgement judge_extensions(const DatabaseFacts& facts) {
  if (facts.missing_extensions.empty()) return pass("every extension is available");
  return warn(fmt::format("not available: {}", fmt::join(facts.missing_extensions, ", ")),
              "install them on the server for its diagnostics");
}

Judgement judge_replication_slots(const DatabaseFacts& facts) {
  const std::string evidence =
      fmt::format("{} of {} replication slots used, {} inactive", facts.slots_used,
                  facts.slots_most, facts.slots_inactive);
  if (facts.slots_inactive > 0)
    return warn(evidence,
                "an inactive slot keeps WAL until the disk is full: drop it when nobody "
                "comes back for it");
  if (facts.slots_used >= facts.slots_most) return warn(evidence, "raise max_replication_slots");
  return pass(evidence);
}

Judgement judge_connections(const DatabaseFacts& facts) {
  const std::int64_t free = facts.connections_most - facts.connections_used;
  const std::int64_t needed = facts.connections_needed;
  const std::string evidence = fmt::format("{} of {} connections free, {} needed by a deploy", free,
                                           facts.connections_most, needed);
  if (free < needed) return failed(evidence, "raise max_connections, or run fewer processes");
  if (free < 2 * needed) return warn(evidence, "raise max_connections before the next growth");
  return pass(evidence);
}

Judgement judge_clock(Duration difference) {
  const Duration apart = difference < Duration{} ? -difference : difference;
  const std::string evidence =
      fmt::format("{} ms between this machine's clock and the database's",
                  std::chrono::duration_cast<std::chrono::milliseconds>(apart).count());
  if (apart >= kClockFailure) return failed(evidence, "let chrony or ntpd set both clocks");
  if (apart >= kClockWarning) return warn(evidence, "let chrony or ntpd set both clocks");
  return pass(evidence);
}

// The error's own text is left out: it may name hosts and users.
std::vector<Finding> unreachable(const Error& error) {
  std::vector<Finding> findings{
      {"database-reachable",
       failed(fmt::format("no answer from the database: {}", facts(error.kind).title),
              "see `auterity status`, and logs/postgres of the environment's folder")}};
  for (const char* id : {"database-version", "database-privileges", "database-extensions",
                         "database-connections", "database-replication-slots", "clock"})
    findings.push_back(
        {id, skipped("the database could not be asked", "mend database-reachable first")});
  return findings;
}

}  // namespace

Findings judge_database(const Result<DatabaseFacts>& found) {
  if (!found && found.error().kind == ErrorKind::not_ready) return std::unexpected(found.error());
  if (!found) return unreachable(found.error());
  return std::vector<Finding>{{"database-reachable", pass("answered")},
                              {"database-version", judge_version(*found)},
                              {"database-privileges", judge_privileges(*found)},
                              {"database-extensions", judge_extensions(*found)},
                              {"database-connections", judge_connections(*found)},
                              {"database-replication-slots", judge_replication_slots(*found)},
                              {"clock", judge_clock(found->clock_difference)}};
}

}  // namespace auterity::operations::check
