#pragma once
// What PostgreSQL must be told to recover a restored data folder: how far, and where the log comes
// from
// (https://www.postgresql.org/docs/15/runtime-config-wal.html#RUNTIME-CONFIG-WAL-RECOVERY-TARGET).
// The settings stand in postgresql.auto.conf of the data folder, since the platform's own
// configuration is the same for every start. Text in, text out.
#include <string>
#include <string_view>

#include "core/error.h"
#include "core/time.h"
#include "data/postgres/lsn.h"

namespace auterity::operations::backup {

struct RecoveryTarget {
  enum class Kind {
    end_of_log,  // everything that can be had
    consistent,  // as soon as the copy is whole
    time,        // commits until then, that moment's included
    position,    // up to and including the record there
    name,        // a restore point
  };
  Kind kind = Kind::end_of_log;
  Time time;
  data::Lsn position;
  std::string name;
};

// What the file holds besides settings of a recovery, which an earlier one may have left.
std::string without_recovery_settings(std::string_view auto_conf);
// Such a file with the settings. `restore_command` is shell text with %f and %p; empty: there is no
// archive. The recovered server is promoted at the target and begins a timeline of its own.
// invalid_input for a restore point whose name cannot be one.
Result<std::string> with_recovery_settings(std::string_view auto_conf, const RecoveryTarget& target,
                                           std::string_view restore_command);

}  // namespace auterity::operations::backup
