#pragma once
// The platform that a recovery builds: what this machine still keeps of it first, then what the
// backup of its configuration says, then the environment file. Another environment than the one
// that the backups are of gets ports of its own.
#include <optional>

#include "operations/local_context.h"
#include "operations/recover/kept_settings.h"

namespace auterity::operations {

// One pool, of a release that is on this machine: the one that was in use where it is, else this
// program's. Without credentials, unless this machine keeps them. Errors of choose_platform().
Result<local::Platform> choose_recovered_platform(LocalContext& context,
                                                  const EnvironmentFile& environment,
                                                  const std::optional<KeptSettings>& settings,
                                                  bool same_environment);

// not_ready when the release that will run does not know a schema as new as that of the backup.
Status check_schema(LocalContext& context, const local::Platform& platform, int revision);

}  // namespace auterity::operations
