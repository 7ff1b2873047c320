#pragma once
// PostgreSQL's streaming replication protocol
// (https://www.postgresql.org/docs/15/protocol-replication.html) as a client on the event loop:
// base backups, the write-ahead log as it is written, and the slots that keep the server from
// removing what was not taken yet. One connection, one caller, one command at a time; a connection
// that failed, or whose command was abandoned, is of no more use. Nothing is stored here: what
// arrives is handed on, and the server is told that something is safe only when the caller says so.
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/async.h"
#include "core/clock.h"
#include "core/error.h"
#include "core/log.h"
#include "data/postgres/lsn.h"

namespace auterity::data {

struct ReplicationOptions {
  std::string url;  // libpq URI or key=value string, of a superuser or a role with REPLICATION
  std::string application_name = "auterity";
};

struct SystemIdentity {
  std::string system_id;  // decimal digits; one number for each cluster that was ever initialised
  Timeline timeline = 0;
  Lsn flushed;  // end of what is durable at the server
};

// Position of a physical slot; absent when nothing was reserved yet.
struct SlotPosition {
  Lsn restart;
  Timeline timeline = 0;
};

struct BaseBackupOptions {
  std::string label = "auterity";
  bool include_wal = true;  // what the copy needs to become consistent: restorable without archive
  bool fast_checkpoint = true;  // at once; else spread over half of checkpoint_timeout
  int compression_level = 1;    // of zstd, by the server
  int compression_workers = 2;
  std::string manifest_checksums = "CRC32C";  // of each file: NONE, CRC32C, SHA256
  std::optional<int> max_rate_kib;            // per second, 32 to 1048576
};

struct Tablespace {
  std::string oid;       // empty: the data folder itself
  std::string location;  // absolute path at the server
};

struct BaseBackupStart {
  Lsn start;
  Timeline timeline = 0;
  std::vector<Tablespace> tablespaces;  // the data folder is among them
};
struct BaseBackup {
  BaseBackupStart begun;
  Lsn stop;
  Timeline stop_timeline = 0;
};

// Takes a base backup in, in the order of arrival. The server waits while a call is under way; an
// error ends the backup and comes out of base_backup().
class BaseBackupSink {
 public:
  virtual ~BaseBackupSink() = default;
  virtual Async<Status> begin(const BaseBackupStart& start) = 0;
  // A tar archive, "base.tar.zst" or "<oid of a tablespace>.tar.zst"; what follows is its content.
  virtual Async<Status> begin_archive(std::string name) = 0;
  // The backup manifest (JSON), after all archives; uncompressed.
  virtual Async<Status> begin_manifest() = 0;
  virtual Async<Status> content(std::string_view bytes) = 0;
};

// What came of waiting for write-ahead log.
struct WalArrival {
  enum class Kind {
    bytes,         // the log from `start` on
    idle,          // nothing before the limit, or a sign of life alone
    timeline_end,  // the server went over to `next_timeline` at `start`; streaming has ended
  };
  Kind kind = Kind::idle;
  Lsn start;
  std::string bytes;
  Timeline next_timeline = 0;
};

class ReplicationLink;

class Replication {
 public:
  // Ready for use, or `unavailable`. No deadline of its own.
  static Async<Result<std::unique_ptr<Replication>>> open(Executor executor, Clock& clock, Log& log,
                                                          ReplicationOptions options);
  ~Replication();

  Async<Result<SystemIdentity>> identify_system();
  // Value of a setting ("server_version_num").
  Async<Result<std::string>> show(std::string setting);
  // Content of the timeline's history file; not_found for the first one, which has none.
  Async<Result<std::string>> timeline_history(Timeline timeline);

  // A physical slot that keeps the log from now on. conflict when it exists.
  Async<Status> create_slot(std::string name);
  // conflict while somebody streams from it, not_found when there is none.
  Async<Status> drop_slot(std::string name);
  // nullopt: no such slot.
  Async<Result<std::optional<SlotPosition>>> find_slot(std::string name);

  // conflict when the server is a standby that was promoted meanwhile; errors of the sink.
  Async<Result<BaseBackup>> base_backup(BaseBackupOptions options, BaseBackupSink& sink);

  // Begins to stream from the slot. conflict: somebody else streams from it; not_found: no such
  // slot, or the server has removed that log already, so that a new base backup is needed.
  Async<Status> start_wal(std::string slot, Lsn start, Timeline timeline);
  // After start_wal(). Waits at most `limit`; at most 128 KiB at once. unavailable when the server
  // is gone. A request of the server for a sign of life is answered within.
  Async<Result<WalArrival>> receive_wal(Duration limit);
  // Tells the server that everything before `durable` is stored for good, so that it need not be
  // kept.
  Async<Status> confirm_wal(Lsn durable);

 private:
  explicit Replication(std::unique_ptr<ReplicationLink> link);
  std::unique_ptr<ReplicationLink> link_;
};

}  // namespace auterity::data
