#pragma once
// The log between the end of a base backup and the place where its rows were counted, kept with the
// backup itself, so that it can be proven without any archive. A slot that ends with its session
// keeps the server from removing it meanwhile.
#include <memory>
#include <string>
#include <vector>

#include "data/database.h"
#include "data/objects/sealed_objects.h"
#include "data/postgres/lsn.h"
#include "operations/backup/manifest.h"

namespace auterity::operations::backup {

class WalTail {
 public:
  // From here on the log stays. `database` is the superuser's and outlives this.
  static Async<Result<std::unique_ptr<WalTail>>> hold(data::Database& database, std::string slot);

  // Stores the segments after the one of `from`, which a base backup ends with and holds itself, to
  // the one of `to`, which is closed first; keys are
  // "<prefix>.wal.<segment>". The last one ends a little behind `to`; what is left of it is zeros.
  Async<Result<std::vector<BackupObject>>> store(data::SealedObjects& objects, std::string prefix,
                                                 data::Timeline timeline, data::Lsn from,
                                                 data::Lsn to);

 private:
  explicit WalTail(std::unique_ptr<data::Session> session) : session_(std::move(session)) {}
  Async<Result<BackupObject>> store_segment(data::SealedObjects& objects, std::string key,
                                            std::string segment, std::uint64_t bytes);

  std::unique_ptr<data::Session> session_;
};

}  // namespace auterity::operations::backup
