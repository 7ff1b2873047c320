#pragma once
// The file that keeps an environment's backup key: outside AUTERITY_HOME, so that whoever gets at
// backups has not got what opens them, and readable by its owner alone. A copy of it belongs
// somewhere else altogether: without it no backup is of any use.
#include <filesystem>

#include "data/objects/sealing_key.h"
#include "operations/local_context.h"

namespace auterity::operations::backup {

// `backup.key_file`, or `<AUTERITY_HOME>-keys/<environment>.key`.
std::filesystem::path key_file_of(const LocalContext& context, const EnvironmentFile& environment);
// Errors: not_ready when it is not there, forbidden when others may read it, invalid_input when it
// holds no key.
Result<data::SealingKey> load_backup_key(LocalContext& context, const EnvironmentFile& environment);
// Draws one when there is none; never replaces one.
Status make_backup_key(LocalContext& context, const EnvironmentFile& environment);

}  // namespace auterity::operations::backup
