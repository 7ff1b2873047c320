#pragma once
// The last step of every operation on backups: those who lack the backup key (status, check, the
// API) see what the catalogue holds by now. A step that is cut off, or taken back, tells by itself
// (publish_summary()).
#include <memory>

#include "operations/backup/backup_storage.h"
#include "operations/plan.h"
#include "operations/step.h"

namespace auterity::operations::backup {

inline constexpr std::string_view kPublish = "publish";

PlannedStep planned_publish();
// Both outlive it.
std::unique_ptr<Step> make_publish_step(LocalContext& context, BackupStorage& storage);

}  // namespace auterity::operations::backup
