#include "cli/process_role.h"

#include "cli/evaluator_process.h"

namespace auterity::cli {

Result<api::ProcessSettings> process_settings(const World& world) {
  return api::read_process_settings({world.environment.begin(), world.environment.end()});
}

api::Outside outside_of(World& world) {
  return {.executor = world.executor,
          .clock = world.clock,
          .random = world.random,
          .log = world.log,
          .metrics = world.metrics,
          .files = world.files,
          .http = world.http,
          .evaluator_command = evaluator_command()};
}

}  // namespace auterity::cli
