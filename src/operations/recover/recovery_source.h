#pragma once
// Which backups a recovery is made of. Pure: over what the catalogue lists. Invariants: chosen by
// what manifests say, never by times of files; without being named, only a proven backup is taken;
// nothing is taken that was not complete at the time that is wanted.
#include <optional>
#include <string>
#include <vector>

#include "operations/backup/catalogue.h"

namespace auterity::operations {

struct RecoveryWish {
  std::string backup =
      "latest";            // or an id, a stamp, or an unambiguous tail of at least four digits
  std::optional<Time> to;  // as of then, to the second; nullopt: everything that there is
};

struct RecoverySource {
  backup::CatalogueEntry database;  // kinds database and all
  // Uploads and configuration: the newest that is not later than what is wanted, else the first
  // after it. nullopt: there is none.
  std::optional<backup::CatalogueEntry> files;
};

// `entries`: all, newest first. `named`: what the catalogue found for a wish that is not "latest".
// Errors: not_found without any backup; forbidden, conflict or failed, as they are damaged, when
// none can be read; not_ready when none is proven; invalid_input for a time outside of what there
// is, which the message tells.
Result<RecoverySource> choose_source(const std::vector<backup::CatalogueEntry>& entries,
                                     const std::optional<backup::CatalogueEntry>& named,
                                     const RecoveryWish& wish, Time now,
                                     const std::string& environment, const std::string& location);

}  // namespace auterity::operations
