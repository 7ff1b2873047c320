#include "operations/backup/publish_step.h"

#include <fmt/format.h>

#include <boost/json.hpp>

#include "operations/backup/backup_summary.h"
#include "operations/kept_step.h"

namespace auterity::operations::backup {
namespace {

class PublishStep final : public KeptStep {
 public:
  PublishStep(LocalContext& context, BackupStorage& storage)
      : context_(context), storage_(storage) {}

  Async<Result<Observation>> observe() override {
    AUTERITY_CO_TRY(rows, co_await summary_rows(storage_));
    const auto published = read_summary(context_.files, context_.layout.operations());
    co_return Observation{
        published && auterity::to_text(Json(published->backups)) == auterity::to_text(Json(rows)),
        fmt::format("{} backups are there", rows.size())};
  }

  Async<Status> apply() override { return publish_summary(context_, storage_); }

 private:
  LocalContext& context_;
  BackupStorage& storage_;
};

}  // namespace

PlannedStep planned_publish() {
  return {std::string(kPublish), "tell status, check and the API which backups there are",
          UndoPolicy::keep, false};
}

std::unique_ptr<Step> make_publish_step(LocalContext& context, BackupStorage& storage) {
  return std::make_unique<PublishStep>(context, storage);
}

}  // namespace auterity::operations::backup
