#pragma once
// Steps of a recovery that are about data: put-aside, data-folder, recovery, uploads,
// executions, report.
#include <memory>
#include <string>

#include "operations/recover/recover_world.h"
#include "operations/step.h"

namespace auterity::operations {

// nullptr when the name is none of these. `world` outlives the step.
std::unique_ptr<Step> make_put_aside_step(RecoverWorld& world, const std::string& name);
std::unique_ptr<Step> make_cluster_step(RecoverWorld& world, const std::string& name);
std::unique_ptr<Step> make_uploads_step(RecoverWorld& world, const std::string& name);
std::unique_ptr<Step> make_report_step(RecoverWorld& world, const std::string& name);
std::unique_ptr<Step> make_executions_step(RecoverWorld& world, const std::string& name);

}  // namespace auterity::operations
