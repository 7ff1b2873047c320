// The release, its migrations and its smoke test.
#include <fmt/format.h>

#include "operations/check/judgements.h"
#include "operations/check/verdicts.h"

namespace auterity::operations::check {
namespace {

constexpr std::size_t kShownDigest = 12;

Judgement judge_damage(const std::string& version, const std::vector<std::string>& damage,
                       const std::string& whole) {
  if (damage.empty()) return pass(whole);
  return failed(
      fmt::format("release {} is damaged: {}{}", version, damage.front(),
                  damage.size() > 1 ? fmt::format(" and {} more", damage.size() - 1) : ""),
      "build it again: auterity release build --version " + version);
}

Judgement judge_rollback(const ReleaseFacts& facts) {
  if (facts.rollback.empty())
    return warn("there is no release to go back to",
                "the first deploy of a second version leaves one");
  return judge_damage(facts.rollback, facts.rollback_damage,
                      fmt::format("release {} is whole", facts.rollback));
}

Judgement judge_lint(const MigrationsFacts& facts) {
  if (facts.lint_findings == 0)
    return pass(fmt::format("{} pending migrations, no finding", facts.pending.size()));
  return failed(fmt::format("{} findings, the first: {}", facts.lint_findings, facts.first_finding),
                "see all of them: auterity migrate lint");
}

Judgement judge_rehearsal(const MigrationsFacts& facts) {
  if (facts.pending.empty()) return pass("nothing to rehearse: no migration is pending");
  if (facts.rehearsal) return pass(*facts.rehearsal);
  const Error& error = facts.rehearsal.error();
  if (error.kind == ErrorKind::failed)
    return failed(error.message, "mend the migration: this would have failed on the database");
  return skipped(error);
}

// A refusal is the planner's verdict; anything else says that database or files could not be asked.
std::vector<Finding> not_planned(const Error& error) {
  const bool refused = error.kind == ErrorKind::conflict || error.kind == ErrorKind::invalid_input;
  std::vector<Finding> findings{
      {"migrations-planned",
       refused ? failed(error.message, error.hint)
               : skipped(fmt::format("the plan could not be made: {}", facts(error.kind).title),
                         "see database-reachable and release")}};
  for (const char* id : {"migrations-linted", "migrations-rehearsed"})
    findings.push_back({id, skipped("there is no plan", "mend migrations-planned first")});
  return findings;
}

}  // namespace

Findings judge_release(const Result<ReleaseFacts>& facts) {
  if (!facts) return std::unexpected(facts.error());
  return std::vector<Finding>{
      {"release", facts->there
                      ? judge_damage(facts->version, facts->damage,
                                     fmt::format("release {} is whole, digest {}", facts->version,
                                                 facts->digest.substr(0, kShownDigest)))
                      : failed(fmt::format("there is no release {}", facts->version),
                               "see which there are: auterity release list")},
      {"rollback-artefact", judge_rollback(*facts)}};
}

Findings judge_migrations(const Result<MigrationsFacts>& facts) {
  if (!facts) return not_planned(facts.error());
  return std::vector<Finding>{
      {"migrations-planned",
       pass(facts->pending.empty() ? "none is pending"
                                   : fmt::format("{} pending: {}", facts->pending.size(),
                                                 fmt::join(facts->pending, ", ")))},
      {"migrations-linted", judge_lint(*facts)},
      {"migrations-rehearsed", judge_rehearsal(*facts)}};
}

Findings judge_smoke(const Result<SmokeFacts>& found) {
  if (!found) {
    const Error& error = found.error();
    const bool tried = error.kind == ErrorKind::failed;
    return std::vector<Finding>{
        {"smoke-test", tried ? failed(error.message, error.hint) : skipped(error)}};
  }
  const auto milliseconds = [](Duration duration) {
    return std::chrono::duration_cast<std::chrono::milliseconds>(duration).count();
  };
  return std::vector<Finding>{
      {"smoke-test",
       pass(fmt::format("release {} was ready after {} ms on a database of its own, and ran a "
                        "workflow in {} ms",
                        found->version, milliseconds(found->ready_after),
                        milliseconds(found->ran_for)))}};
}

}  // namespace auterity::operations::check
