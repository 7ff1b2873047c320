#include "operations/check/check.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>

#include "core/deadline.h"
#include "core/join_all.h"
#include "core/redaction.h"
#include "core/task_group.h"
#include "data/database_url.h"
#include "operations/check/probes.h"
#include "operations/check/verdicts.h"
#include "targets/local/release_manifest.h"

namespace auterity::operations::check {
namespace {

std::vector<Finding> complete(const Family& family, Result<std::vector<Finding>> answer,
                              Duration duration) {
  std::vector<Finding> complete;
  for (const std::string& id : family.ids()) {
    Finding finding{id, {Verdict::skipped, "this check gave no answer", "report it"}, duration};
    if (!answer) {
      finding.judgement.evidence = answer.error().message;
      finding.judgement.hint = answer.error().hint;
    } else if (const auto found = std::ranges::find(*answer, id, &Finding::id);
               found != answer->end()) {
      finding.judgement = found->judgement;
    }
    complete.push_back(std::move(finding));
  }
  return complete;
}

Async<void> run_family(const Subject& subject, Family& family, std::vector<Finding>& into) {
  Clock& clock = subject.context.clock;
  const Duration begun = clock.monotonic();
  auto answer =
      co_await with_deadline(clock, family.limit(), family.ids().front(), family.run(subject));
  const Duration took = clock.monotonic() - begun;
  if (!answer && answer.error().kind == ErrorKind::timeout && took >= family.limit())
    answer = fail(
        ErrorKind::timeout,
        fmt::format("took longer than {} s", std::chrono::duration<double>(family.limit()).count()),
        "see what keeps it: auterity status; then check again");
  into = complete(family, std::move(answer), took);
}

Redactor secrets_of(const Subject& subject) {
  Redactor redactor;
  for (const char* name : {"DATABASE_URL", "REDIS_URL", "JWT_SECRET_KEY", "AUTERITY_SECRETS_KEY"}) {
    const std::string value = variable_or(subject, name, "");
    redactor.add(value);
    redactor.add(std::string(password_of(value)));
  }
  if (const auto decoded = data::libpq_environment(variable_or(subject, "DATABASE_URL", ""));
      decoded && decoded->contains("PGPASSWORD"))
    redactor.add(decoded->at("PGPASSWORD"));
  if (subject.platform) {
    const local::Credentials& kept = subject.platform->credentials;
    for (const std::string& secret : {kept.password, kept.database_password, kept.redis_password,
                                      kept.jwt_secret_key, kept.secrets_key})
      redactor.add(secret);
  }
  return redactor;
}

std::optional<CheckedRelease> find_checked(const Subject& subject) {
  const auto version = wanted_release(subject);
  if (!version) return std::nullopt;
  const auto manifest =
      local::read_manifest(subject.context.files, subject.context.layout.releases() / *version);
  if (!manifest) return std::nullopt;
  return CheckedRelease{*version, manifest->digest};
}

}  // namespace

Verdict Report::verdict() const {
  for (const Verdict worst : {Verdict::fail, Verdict::warn, Verdict::pass})
    if (std::ranges::any_of(
            findings, [&](const Finding& finding) { return finding.judgement.verdict == worst; }))
      return worst;
  return Verdict::skipped;
}

JsonObject to_json(const Report& report) {
  JsonArray checks;
  for (const Finding& finding : report.findings)
    checks.push_back(JsonObject{
        {"id", finding.id},
        {"verdict", name_of(finding.judgement.verdict)},
        {"evidence", finding.judgement.evidence},
        {"hint", finding.judgement.hint},
        {"duration_ms",
         std::chrono::duration_cast<std::chrono::milliseconds>(finding.duration).count()}});
  Json release = nullptr;
  if (report.release)
    release = JsonObject{{"version", report.release->version}, {"digest", report.release->digest}};
  return {{"verdict", name_of(report.verdict())},
          {"release", std::move(release)},
          {"checks", std::move(checks)}};
}

Async<Report> run(const Subject& subject, Families& families) {
  auto checked = find_checked(subject);  // before, so that no later one is taken for it
  std::vector<std::vector<Finding>> answers(families.size());
  std::vector<std::string> broken(families.size());
  TaskGroup group(subject.context.executor, "check",
                  [&broken, &families](std::string_view task, std::exception_ptr) {
                    for (std::size_t i = 0; i < families.size(); ++i)
                      if (families[i]->ids().front() == task) broken[i] = "the check broke off";
                  });
  for (std::size_t i = 0; i < families.size(); ++i)
    group.spawn(families[i]->ids().front(), run_family(subject, *families[i], answers[i]));
  co_await join_all(group);
  Report report;
  report.release = std::move(checked);
  const Redactor redactor = secrets_of(subject);
  for (std::size_t i = 0; i < families.size(); ++i) {
    if (!broken[i].empty())
      answers[i] =
          complete(*families[i], fail(ErrorKind::internal, broken[i], "report it"), Duration{});
    for (Finding& finding : answers[i]) {
      finding.judgement.evidence = redactor.redact(finding.judgement.evidence);
      finding.judgement.hint = redactor.redact(finding.judgement.hint);
      report.findings.push_back(std::move(finding));
    }
  }
  co_return report;
}

}  // namespace auterity::operations::check
