// The list of families: to add one, its facts, a probe, a judge and a line here.
#include "operations/check/probed_family.h"

namespace auterity::operations::check {
namespace {

constexpr Duration kLimit = std::chrono::seconds(5);
constexpr Duration kLongLimit = std::chrono::seconds(30);  // reads or runs whole releases

template <typename Facts>
void add(Families& families, std::vector<std::string> ids, Duration limit,
         Async<Result<Facts>> (*ask)(const Subject&), Findings (*judge)(const Result<Facts>&)) {
  families.push_back(
      std::make_unique<ProbedFamily<Facts>>(std::move(ids), limit, Probe<Facts>(ask), judge));
}

}  // namespace

Families all_families() {
  Families families;
  add(families,
      {"environment-jwt-secret-key", "environment-database-url", "environment-redis-url",
       "environment-secrets-key"},
      kLimit, ask_secrets, judge_secrets);
  add(families,
      {"database-reachable", "database-version", "database-privileges", "database-extensions",
       "database-connections", "database-replication-slots", "clock"},
      kLimit, ask_database, judge_database);
  add(families, {"redis-reachable", "object-store"}, kLimit, ask_stores, judge_stores);
  add(families, {"certificates"}, kLimit, ask_certificates, judge_certificates);
  add(families, {"clock-synchronised", "disk", "memory", "capacity", "file-limit", "ports"}, kLimit,
      ask_machine, judge_machine);
  add(families, {"release", "rollback-artefact"}, kLongLimit, ask_release, judge_release);
  add(families, {"migrations-planned", "migrations-linted", "migrations-rehearsed"}, kLongLimit,
      ask_migrations, judge_migrations);
  add(families, {"smoke-test"}, kLongLimit, ask_smoke, judge_smoke);
  add(families, {"lock", "unfinished-operation"}, kLimit, ask_operations, judge_operations);
  add(families, {"backup-age"}, kLimit, ask_backups, judge_backups);
  add(families, {"log-shipping"}, kLimit, ask_log_shipping, judge_log_shipping);
  return families;
}

}  // namespace auterity::operations::check
