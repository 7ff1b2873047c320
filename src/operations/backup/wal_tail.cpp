#include "operations/backup/wal_tail.h"

#include <fmt/format.h>

#include <algorithm>

#include "operations/backup/base_backup_objects.h"

namespace auterity::operations::backup {
namespace {

constexpr std::uint64_t kPieceBytes = 1u << 20;
// Of the log behind the place that is wanted: a page that is not whole could not be read.
constexpr std::uint64_t kMargin = 64u << 10;

constexpr data::Statement kHold{"wal_tail.hold",
                                "SELECT pg_create_physical_replication_slot($1, true, true)"};
constexpr data::Statement kSwitch{"wal_tail.switch", "SELECT pg_switch_wal()"};
constexpr data::Statement kRead{
    "wal_tail.read", "SELECT encode(pg_read_binary_file('pg_wal/' || $1, $2, $3), 'hex')"};

int digit_of(char c) { return c <= '9' ? c - '0' : c - 'a' + 10; }

std::string bytes_of(std::string_view hex) {
  std::string bytes(hex.size() / 2, '\0');
  for (std::size_t i = 0; i < bytes.size(); ++i)
    bytes[i] = static_cast<char>(digit_of(hex[2 * i]) << 4 | digit_of(hex[2 * i + 1]));
  return bytes;
}

}  // namespace

Async<Result<std::unique_ptr<WalTail>>> WalTail::hold(data::Database& database, std::string slot) {
  AUTERITY_CO_TRY(session, co_await database.open_session());
  AUTERITY_CO_CHECK(co_await session->query({kHold, {std::move(slot)}}));
  co_return std::unique_ptr<WalTail>(new WalTail(std::move(session)));
}

Async<Result<std::vector<BackupObject>>> WalTail::store(data::SealedObjects& objects,
                                                        std::string prefix, data::Timeline timeline,
                                                        data::Lsn from, data::Lsn to) {
  AUTERITY_CO_CHECK(co_await session_->query({kSwitch, {}}));
  std::vector<BackupObject> stored;
  for (data::Lsn at = data::segment_start(from) + data::kWalSegmentBytes; at <= to;
       at = at + data::kWalSegmentBytes) {
    const std::string segment = data::segment_name(timeline, at);
    const std::uint64_t bytes = std::min(to - at + kMargin, data::kWalSegmentBytes);
    AUTERITY_CO_TRY(
        object,
        co_await store_segment(objects, fmt::format("{}.wal.{}", prefix, segment), segment, bytes));
    stored.push_back(std::move(object));
  }
  co_return stored;
}

Async<Result<BackupObject>> WalTail::store_segment(data::SealedObjects& objects, std::string key,
                                                   std::string segment, std::uint64_t bytes) {
  AUTERITY_CO_TRY(writer, co_await objects.open_writer(std::move(key)));
  for (std::uint64_t at = 0; at < bytes; at += kPieceBytes) {
    AUTERITY_CO_TRY(
        rows, co_await session_->query({kRead,
                                        {segment, std::to_string(at),
                                         std::to_string(std::min(kPieceBytes, bytes - at))}}));
    AUTERITY_CO_CHECK(co_await writer->write(bytes_of(rows->text(0, 0))));
  }
  AUTERITY_CO_TRY(sealed, co_await writer->finish());
  co_return object_of(sealed);
}

}  // namespace auterity::operations::backup
