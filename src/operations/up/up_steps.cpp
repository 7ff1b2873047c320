#include "operations/up/up_steps.h"

#include <fmt/format.h>

#include "operations/backup/backup_key.h"
#include "operations/up/up_database_steps.h"
#include "operations/up/up_folder_steps.h"
#include "operations/up/up_service_steps.h"

namespace auterity::operations {

Result<std::unique_ptr<Step>> make_up_step(LocalContext& context, const local::Platform& platform,
                                           const std::string& name) {
  for (const auto make :
       {make_folder_step, make_backup_key_step, make_database_step, make_service_step})
    if (auto step = make(context, platform, name)) return step;
  return fail(ErrorKind::not_found, fmt::format("up has no step named {}", name),
              "the operation was begun by another version of auterity; use that one to go on");
}

}  // namespace auterity::operations
