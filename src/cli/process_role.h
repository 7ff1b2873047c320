#pragma once
// What serve and work share: their settings and what they touch of the world.
#include "api/process/engine_host.h"
#include "api/process/process_settings.h"
#include "cli/world.h"

namespace auterity::cli {

Result<api::ProcessSettings> process_settings(const World& world);
api::Outside outside_of(World& world);

}  // namespace auterity::cli
