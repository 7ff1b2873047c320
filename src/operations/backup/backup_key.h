#pragma once
// The file with the key that seals an environment's backups: 64 hexadecimal digits, mode 0600. It
// is made once, by `up`, and never replaced: what it sealed can be read with it alone, so that a
// copy belongs on another machine. It never shows in logs, journals, results or process arguments.
#include <memory>
#include <string>

#include "core/files.h"
#include "data/objects/sealing_key.h"
#include "operations/local_context.h"
#include "operations/step.h"

namespace auterity::operations {

// not_ready when there is no such file, forbidden when others may read it, invalid_input when it
// holds no key.
Result<data::SealingKey> load_backup_key(Files& files, const std::string& path);

// Makes a key where there is none. not_ready where sealed objects of the environment lie already
// that only a lost key opens; errors of load_backup_key() for a file that is there and no good.
Status create_backup_key(Files& files, Random& random, const local::BackupPlace& place,
                         const std::string& environment);

// The step `backup-key` of up; nullptr for any other name. Kept when up is undone.
std::unique_ptr<Step> make_backup_key_step(LocalContext& context, const local::Platform& platform,
                                           const std::string& name);

}  // namespace auterity::operations
