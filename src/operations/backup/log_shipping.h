#pragma once
// How far the shipping of the database's log has come, as the service that ships it says once a
// second, in the folder of the environment's operations, for those who lack the backup key and for
// the time after its death. What it says is never better than the truth: once nothing is heard any
// more, the figure grows with the clock.
#include <filesystem>
#include <optional>
#include <string>

#include "core/files.h"
#include "core/json.h"
#include "core/time.h"
#include "operations/backup/wal_batch.h"

namespace auterity::operations::backup {

struct LogShipping {
  Time observed_at;
  std::string system_id;
  data::Timeline timeline = 0;
  data::Lsn archived_to;
  Time complete_at;             // whatever was durable at the server by then is archived
  Duration longest_wait{};      // of any byte, since the service was started
  std::string failure;          // why nothing is shipped just now; empty: it is
  std::optional<WalPiece> gap;  // that recovery cannot cross
};

// Writes by way of a file beside it: readers see the old or the new.
Status write_log_shipping(Files& files, const std::filesystem::path& folder,
                          const LogShipping& shipping);
// nullopt when the service never ran here; failed when it cannot be read.
Result<std::optional<LogShipping>> read_log_shipping(Files& files,
                                                     const std::filesystem::path& folder);

// Nothing was heard for longer than a service that works is silent.
bool is_silent(const LogShipping& shipping, Time now);
// What the loss of the platform would cost at most, as age of the oldest write that may be lost:
// the recovery point.
Duration behind(const LogShipping& shipping, Time now);
// For `status`: state shipping, interrupted or silent.
Json shipping_status(const std::optional<LogShipping>& shipping, Time now);

}  // namespace auterity::operations::backup
