// BASE_BACKUP of the replication protocol: one copy stream in which every message begins with the
// letter of its kind.
#include <fmt/format.h>
#include <libpq-fe.h>

#include "data/postgres/replication.h"
#include "data/postgres/replication_link.h"

namespace auterity::data {
namespace {

constexpr std::string_view kCommand = "BASE_BACKUP";

std::string command_of(const BaseBackupOptions& options) {
  std::string list = fmt::format(
      "LABEL {}, CHECKPOINT '{}', WAIT 0, MANIFEST 'yes', MANIFEST_CHECKSUMS {}, "
      "COMPRESSION 'zstd', COMPRESSION_DETAIL 'level={},workers={}'",
      quoted_literal(options.label), options.fast_checkpoint ? "fast" : "spread",
      quoted_literal(options.manifest_checksums), options.compression_level,
      options.compression_workers);
  if (options.include_wal) list += ", WAL";
  if (options.max_rate_kib) list += fmt::format(", MAX_RATE {}", *options.max_rate_kib);
  return fmt::format("{} ({})", kCommand, list);
}

std::unexpected<Error> unexpected_answer() {
  return fail(ErrorKind::unavailable, "the server answered a base backup in an unknown way",
              "check that the server is PostgreSQL 15 and was built with zstd");
}

std::vector<Tablespace> tablespaces_of(const ResultHandle& result) {
  std::vector<Tablespace> tablespaces;
  for (int row = 0; row < PQntuples(result.get()); ++row)
    tablespaces.push_back({PQgetvalue(result.get(), row, 0), PQgetvalue(result.get(), row, 1)});
  return tablespaces;
}

// A string that ends with a zero byte.
std::string_view first_string(std::string_view bytes) { return bytes.substr(0, bytes.find('\0')); }

Async<Status> take_message(std::string_view message, BaseBackupSink& sink) {
  if (message.empty()) co_return unexpected_answer();
  const auto rest = message.substr(1);
  switch (message.front()) {
    case 'n':
      co_return co_await sink.begin_archive(std::string(first_string(rest)));
    case 'm':
      co_return co_await sink.begin_manifest();
    case 'd':
      co_return co_await sink.content(rest);
    case 'p':  // progress
      co_return Status{};
    default:
      co_return unexpected_answer();
  }
}

Async<Result<BaseBackupStart>> read_start(ReplicationLink& link) {
  BaseBackupStart start;
  AUTERITY_CO_TRY(position, co_await link.next_result());
  if (!position) co_return unexpected_answer();
  AUTERITY_CO_TRY(lsn, lsn_of(position, 0, kCommand));
  AUTERITY_CO_TRY(timeline, timeline_of(position, 1, kCommand));
  start.start = lsn;
  start.timeline = timeline;
  AUTERITY_CO_TRY(tablespaces, co_await link.next_result());
  if (!tablespaces) co_return unexpected_answer();
  start.tablespaces = tablespaces_of(tablespaces);
  AUTERITY_CO_TRY(copy, co_await link.next_result());
  if (!copy || PQresultStatus(copy.get()) != PGRES_COPY_OUT) co_return unexpected_answer();
  co_return start;
}

}  // namespace

Async<Result<BaseBackup>> Replication::base_backup(BaseBackupOptions options,
                                                   BaseBackupSink& sink) {
  AUTERITY_CO_CHECK(co_await link_->send(command_of(options), std::string(kCommand)));
  AUTERITY_CO_TRY(start, co_await read_start(*link_));
  BaseBackup backup{.begun = std::move(start)};
  AUTERITY_CO_CHECK(co_await sink.begin(backup.begun));
  for (;;) {
    AUTERITY_CO_TRY(copy, co_await link_->next_copy(std::nullopt));
    if (copy.state == ReplicationLink::CopyState::ended) break;
    AUTERITY_CO_CHECK(co_await take_message(copy.message->view(), sink));
  }
  bool stopped = false;
  for (;;) {
    AUTERITY_CO_TRY(result, co_await link_->next_result());
    if (!result) break;
    if (PQresultStatus(result.get()) != PGRES_TUPLES_OK) continue;
    AUTERITY_CO_TRY(stop, lsn_of(result, 0, kCommand));
    AUTERITY_CO_TRY(timeline, timeline_of(result, 1, kCommand));
    backup.stop = stop;
    backup.stop_timeline = timeline;
    stopped = true;
  }
  if (!stopped) co_return unexpected_answer();
  co_return backup;
}

}  // namespace auterity::data
