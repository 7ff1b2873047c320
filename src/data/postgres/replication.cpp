#include "data/postgres/replication.h"

#include <libpq-fe.h>

#include "data/database.h"
#include "data/postgres/replication_link.h"

namespace auterity::data {

Replication::Replication(std::unique_ptr<ReplicationLink> link) : link_(std::move(link)) {}
Replication::~Replication() = default;

Async<Result<std::unique_ptr<Replication>>> Replication::open(Executor executor, Clock& clock,
                                                              Log& log,
                                                              ReplicationOptions options) {
  // A walsender takes settings, but has no use for limits of statements.
  AUTERITY_CO_TRY(parameters, ConnectParameters::from({.url = options.url,
                                                       .application_name = options.application_name,
                                                       .statement_timeout = Duration::zero()}));
  parameters.set("replication", "true");
  AUTERITY_CO_TRY(link,
                  co_await ReplicationLink::open(executor, clock, log, std::move(parameters)));
  co_return std::unique_ptr<Replication>(new Replication(std::move(link)));
}

Async<Result<SystemIdentity>> Replication::identify_system() {
  AUTERITY_CO_TRY(row, co_await link_->only_row("IDENTIFY_SYSTEM", "IDENTIFY_SYSTEM"));
  AUTERITY_CO_TRY(timeline, timeline_of(row, 1, "IDENTIFY_SYSTEM"));
  AUTERITY_CO_TRY(flushed, lsn_of(row, 2, "IDENTIFY_SYSTEM"));
  co_return SystemIdentity{std::string(text_of(row, 0)), timeline, flushed};
}

Async<Result<std::string>> Replication::show(std::string setting) {
  AUTERITY_CO_CHECK(check_slot_name(setting));
  AUTERITY_CO_TRY(row, co_await link_->only_row("SHOW " + setting, "SHOW"));
  co_return std::string(text_of(row, 0));
}

Async<Result<std::string>> Replication::timeline_history(Timeline timeline) {
  AUTERITY_CO_TRY(row, co_await link_->only_row("TIMELINE_HISTORY " + std::to_string(timeline),
                                                "TIMELINE_HISTORY"));
  co_return std::string(text_of(row, 1));
}

Async<Status> Replication::create_slot(std::string name) {
  AUTERITY_CO_CHECK(check_slot_name(name));
  co_return co_await link_->run("CREATE_REPLICATION_SLOT " + name + " PHYSICAL (RESERVE_WAL)",
                                "CREATE_REPLICATION_SLOT");
}

Async<Status> Replication::drop_slot(std::string name) {
  AUTERITY_CO_CHECK(check_slot_name(name));
  co_return co_await link_->run("DROP_REPLICATION_SLOT " + name, "DROP_REPLICATION_SLOT");
}

Async<Result<std::optional<SlotPosition>>> Replication::find_slot(std::string name) {
  constexpr std::string_view kCommand = "READ_REPLICATION_SLOT";
  AUTERITY_CO_CHECK(check_slot_name(name));
  AUTERITY_CO_TRY(
      row, co_await link_->only_row(std::string(kCommand) + " " + name, std::string(kCommand)));
  if (PQgetisnull(row.get(), 0, 0)) co_return std::nullopt;
  // A slot that was invalidated has lost its position.
  if (PQgetisnull(row.get(), 0, 1)) co_return SlotPosition{};
  AUTERITY_CO_TRY(restart, lsn_of(row, 1, kCommand));
  AUTERITY_CO_TRY(timeline, timeline_of(row, 2, kCommand));
  co_return SlotPosition{restart, timeline};
}

}  // namespace auterity::data
