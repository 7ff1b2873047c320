// The end of a recovery: what was lost and how long it took, as figures.
#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>

#include "operations/kept_step.h"
#include "operations/recover/data_steps.h"
#include "operations/recover/measures.h"
#include "operations/recover/recover_plan.h"

namespace auterity::operations {
namespace {

class ReportStep final : public KeptStep {
 public:
  explicit ReportStep(RecoverWorld& world) : world_(world) {}

  Async<Result<Observation>> observe() override {
    const auto text = world_.context.files.read(world_.evidence(kRecoveryReport));
    if (!text) co_return Observation{false, "nothing is measured yet"};
    AUTERITY_CO_TRY(document, parse_json(*text));
    co_return Observation{true, std::string(string_or(find_member(document, "evidence"), ""))};
  }

  Async<Status> apply() override {
    AUTERITY_CO_CHECK(co_await world_.prepare());
    // Status and check know again which backups there are.
    if (world_.request.source == world_.context.layout.environment)
      AUTERITY_CO_CHECK(co_await backup::publish_summary(world_.context, *world_.storage));
    AUTERITY_CO_TRY(text, world_.context.files.read(world_.evidence(kReplayed)));
    AUTERITY_CO_TRY(document, parse_json(text));
    const auto last_write = parse_rfc3339(string_or(find_member(document, "last_write"), ""));
    const Json* reached = find_member(document, "reached_time");
    const RecoveryMeasures measures =
        measure({.begun_at = world_.request.begun_at,
                 .ended_at = world_.context.clock.now(),
                 .to = world_.request.to,
                 .reached_time = reached != nullptr && *reached == true,
                 .last_write = last_write.value_or(world_.database->taken_at),
                 .lost_upload = oldest_lost_upload()});
    JsonObject report = to_json(measures);
    report["backup"] = world_.request.backup;
    report["files"] = world_.request.files;
    report["evidence"] = to_text(measures);
    co_return world_.context.files.write_atomically(world_.evidence(kRecoveryReport),
                                                    to_pretty_text(Json(report)) + "\n");
  }

 private:
  std::optional<Time> oldest_lost_upload() const {
    const auto text = world_.context.files.read(world_.evidence(kUploadsReport));
    const auto document =
        text ? parse_json(*text, {.max_bytes = 1u << 30}) : Result<Json>(Json(nullptr));
    const Json* oldest = document ? find_pointer(*document, "/missing/0/created_at") : nullptr;
    return parse_rfc3339(string_or(oldest, ""));
  }

  RecoverWorld& world_;
};

}  // namespace

std::unique_ptr<Step> make_report_step(RecoverWorld& world, const std::string& name) {
  if (name == recover_steps::kReport) return std::make_unique<ReportStep>(world);
  return nullptr;
}

}  // namespace auterity::operations
