#pragma once
// The database's log in backup storage, as sealed objects:
//   wal/<system id>/<timeline>/<segment>                   a whole segment of 16 MiB
//   wal/<system id>/<timeline>/<segment>.<start>-<end>     a piece of one that is still open,
//   offsets
//                                                          in it as 8 hexadecimal digits
//   wal/<system id>/<timeline>.history                     how the timeline began
// Names say where the content belongs, and a place in the log has one content for ever: what is
// stored twice is the same, and is stored once. Reading prefers whole segments, and puts pieces
// together.
#include <optional>
#include <string>
#include <vector>

#include "data/objects/sealed_objects.h"
#include "operations/backup/log_source.h"
#include "operations/backup/wal_batch.h"

namespace auterity::operations::backup {

class WalArchive final : public LogSource {
 public:
  WalArchive(data::SealedObjects& objects, std::string system_id);

  // Stores the content of a piece or a whole segment; being there already is success. `replaced` is
  // removed afterwards, best effort: leftovers do no harm.
  Async<Status> store(data::Timeline timeline, const WalBatch::Store& what, std::string content);
  // Removes pieces of the segment that ends at `end` when that one is stored as a whole: a process
  // that died may have left them.
  Async<Status> remove_leftovers(data::Timeline timeline, data::Lsn end);
  Async<Status> store_history(data::Timeline timeline, std::string content);

  Async<Result<std::string>> fetch(std::string name) override;

  // Pieces of the segment that `lsn` lies in, in order of their starts.
  Async<Result<std::vector<WalPiece>>> pieces(data::Timeline timeline, data::Lsn lsn);
  // How far the log reaches without a gap from the beginning of the segment of `from`; that
  // beginning when nothing is stored of it.
  Async<Result<data::Lsn>> reach(data::Timeline timeline, data::Lsn from);
  // Where the newest that is stored of the timeline ends; nullopt: there is nothing.
  Async<Result<std::optional<data::Lsn>>> newest_end(data::Timeline timeline);

 private:
  std::string folder(data::Timeline timeline) const;
  std::string key_of(data::Timeline timeline, const WalPiece& piece) const;
  Async<Status> put_once(std::string key, std::string content);
  Async<Result<std::string>> assemble(data::Timeline timeline, data::Lsn segment);

  data::SealedObjects& objects_;
  std::string prefix_;
};

// Names within the folder of a timeline.
std::string piece_name(data::Timeline timeline, const WalPiece& piece);
// A whole segment counts as the piece that is all of it; nullopt for any other name.
std::optional<WalPiece> parse_piece_name(std::string_view name);

}  // namespace auterity::operations::backup
