// START_REPLICATION of the replication protocol: the log in one direction, positions in the other.
#include <fmt/format.h>
#include <libpq-fe.h>

#include "data/postgres/replication.h"
#include "data/postgres/replication_link.h"

namespace auterity::data {
namespace {

constexpr std::string_view kCommand = "START_REPLICATION";
constexpr std::size_t kWalHeaderBytes = 1 + 8 + 8 + 8;   // start, end of the log, time
constexpr std::size_t kSignOfLifeBytes = 1 + 8 + 8 + 1;  // end of the log, time, answer wanted
// PostgreSQL counts microseconds from here.
constexpr Time kPostgresEpoch = std::chrono::sys_days(std::chrono::year(2000) / 1 / 1);

std::uint64_t number_at(std::string_view message, std::size_t at) {
  std::uint64_t number = 0;
  for (std::size_t i = 0; i < 8; ++i)
    number = (number << 8) | static_cast<unsigned char>(message[at + i]);
  return number;
}

void append_number(std::string& message, std::uint64_t number) {
  for (int shift = 56; shift >= 0; shift -= 8) message += static_cast<char>(number >> shift);
}

std::unexpected<Error> unexpected_answer() {
  return fail(ErrorKind::unavailable, "the server sent its log in an unknown way",
              "check that the server is PostgreSQL 15");
}

Async<Status> send_position(ReplicationLink& link) {
  std::string message = "r";
  // Written, flushed; nothing is applied here.
  append_number(message, link.confirmed.value());
  append_number(message, link.confirmed.value());
  append_number(message, 0);
  append_number(message, static_cast<std::uint64_t>((link.clock().now() - kPostgresEpoch).count()));
  message += '\0';  // no answer wanted
  co_return co_await link.put_copy(std::move(message));
}

// The server ended the copy: it went over to another timeline, or it stops.
Async<Result<WalArrival>> read_end(ReplicationLink& link) {
  std::optional<WalArrival> arrival;
  for (;;) {
    AUTERITY_CO_TRY(result, co_await link.next_result());
    if (!result) break;
    // The other direction is still open.
    if (PQresultStatus(result.get()) == PGRES_COPY_IN) AUTERITY_CO_CHECK(co_await link.end_copy());
    if (PQresultStatus(result.get()) != PGRES_TUPLES_OK) continue;
    AUTERITY_CO_TRY(timeline, timeline_of(result, 0, kCommand));
    AUTERITY_CO_TRY(start, lsn_of(result, 1, kCommand));
    arrival = WalArrival{WalArrival::Kind::timeline_end, start, {}, timeline};
  }
  if (arrival) co_return std::move(*arrival);
  co_return fail(ErrorKind::unavailable, "the server ended the stream of its log",
                 "PostgreSQL stops or restarts; try again in a moment");
}

}  // namespace

Async<Status> Replication::start_wal(std::string slot, Lsn start, Timeline timeline) {
  AUTERITY_CO_CHECK(check_slot_name(slot));
  link_->confirmed = start;
  AUTERITY_CO_CHECK(co_await link_->send(
      fmt::format("{} SLOT {} PHYSICAL {} TIMELINE {}", kCommand, slot, start.text(), timeline),
      std::string(kCommand)));
  AUTERITY_CO_TRY(result, co_await link_->next_result());
  if (result && PQresultStatus(result.get()) == PGRES_COPY_BOTH) co_return Status{};
  co_return unexpected_answer();
}

Async<Result<WalArrival>> Replication::receive_wal(Duration limit) {
  AUTERITY_CO_TRY(copy, co_await link_->next_copy(limit));
  if (copy.state == ReplicationLink::CopyState::ended) co_return co_await read_end(*link_);
  if (copy.state == ReplicationLink::CopyState::waiting) co_return WalArrival{};
  const auto message = copy.message->view();
  if (message.starts_with('w') && message.size() >= kWalHeaderBytes) {
    co_return WalArrival{WalArrival::Kind::bytes, Lsn(number_at(message, 1)),
                         std::string(message.substr(kWalHeaderBytes)), 0};
  }
  if (!message.starts_with('k') || message.size() < kSignOfLifeBytes) co_return unexpected_answer();
  if (message[kSignOfLifeBytes - 1] != 0) AUTERITY_CO_CHECK(co_await send_position(*link_));
  co_return WalArrival{};
}

Async<Status> Replication::confirm_wal(Lsn durable) {
  link_->confirmed = durable;
  co_return co_await send_position(*link_);
}

}  // namespace auterity::data
