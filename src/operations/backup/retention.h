#pragma once
// Which backups stay, as a pure plan over manifests: grandfather, father, son by the time a backup
// was taken, never by the time of a file. Invariants: the newest proven backup of each line stays,
// and so does every backup that a kept one needs, the newest `keep_minimum` of each line, the one
// to which the running release can go back, and whatever could not be read; a plan that would
// remove more than half of what there is is refused unless that was asked for in so many words.
// Backups that restore the same thing are a line: the database (kinds database and all), the files
// (data and all), and logical dumps; a young backup of one line never pushes out one of another.
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/error.h"
#include "operations/backup/manifest.h"

namespace auterity::operations::backup {

struct RetentionPolicy {
  int daily = 7;  // newest days, ISO weeks and months, UTC, of which one backup stays
  int weekly = 4;
  int monthly = 12;
  int keep_minimum = 3;
};

// What retention knows of a backup that can be read.
struct RetentionEntry {
  Uuid id;
  BackupKind kind = BackupKind::database;
  Time taken_at;
  bool proven = false;
  std::vector<Uuid> needs;
  std::string system_id;  // of the cluster; empty: none of the log belongs to it
  data::Lsn start;        // the log is needed from here
};

struct RetentionSubject {
  std::vector<RetentionEntry> entries;  // in any order
  std::size_t unreadable = 0;           // manifests that could not be read
  // When the running release came into use: what it can go back to is the newest backup before.
  std::optional<Time> release_since;
};

struct KeptBackup {
  Uuid id;
  std::vector<std::string> reasons;  // "daily 2026-11-24", "the newest proven"
};

struct RetentionPlan {
  std::vector<KeptBackup> kept;  // newest first
  std::vector<Uuid> removed;     // oldest first
  // By cluster: the log before this place is needed by nobody. Empty while a manifest cannot be
  // read, since that one may need any of it.
  std::map<std::string, data::Lsn> log_needed_from;
};

// Errors: invalid_input for a policy that keeps nothing, conflict for a plan that would remove more
// than half without `may_remove_most`.
Result<RetentionPlan> plan_retention(const RetentionPolicy& policy, const RetentionSubject& subject,
                                     bool may_remove_most);

}  // namespace auterity::operations::backup
