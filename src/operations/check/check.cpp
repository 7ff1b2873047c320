#include "operations/check/check.h"

#include <algorithm>
#include <boost/json.hpp>

#include "core/deadline.h"
#include "core/task_group.h"

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
  into = complete(family, std::move(answer), clock.monotonic() - begun);
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
  return {{"verdict", name_of(report.verdict())}, {"checks", std::move(checks)}};
}

Async<Report> run(const Subject& subject, Families& families) {
  std::vector<std::vector<Finding>> answers(families.size());
  std::vector<std::string> broken(families.size());
  TaskGroup group(subject.context.executor, "check",
                  [&broken, &families](std::string_view task, std::exception_ptr) {
                    for (std::size_t i = 0; i < families.size(); ++i)
                      if (families[i]->ids().front() == task) broken[i] = "the check broke off";
                  });
  for (std::size_t i = 0; i < families.size(); ++i)
    group.spawn(families[i]->ids().front(), run_family(subject, *families[i], answers[i]));
  co_await group.join();
  Report report;
  for (std::size_t i = 0; i < families.size(); ++i) {
    if (!broken[i].empty())
      answers[i] =
          complete(*families[i], fail(ErrorKind::internal, broken[i], "report it"), Duration{});
    for (Finding& finding : answers[i]) report.findings.push_back(std::move(finding));
  }
  co_return report;
}

}  // namespace auterity::operations::check
