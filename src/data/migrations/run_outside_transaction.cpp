// What PostgreSQL refuses inside a transaction. Its effect and its record cannot appear together,
// so each is made repeatable: an index that a dead migrator left invalid is dropped and built anew,
// one that it finished is recognised. These statements wait for old transactions with a lock that
// blocks no reads and no writes, so their wait has no budget, only a limit.
#include <fmt/format.h>

#include <boost/json.hpp>

#include "data/back_off.h"
#include "data/migrations/migrator.h"

namespace auterity::data {
namespace {

constexpr Statement kIndexState{"migrations.index_state",
                                "SELECT i.indisvalid, i.indrelid = to_regclass($2) FROM pg_index i "
                                "WHERE i.indexrelid = to_regclass($1)"};
constexpr int kAttempts = 5;

std::string schema_of_index(const Json& node) {
  return text_of(member(node, "relation"), "schemaname");
}

}  // namespace

Async<Status> Migrator::run_index(const Job& job) {
  AUTERITY_CO_CHECK(co_await limit(Duration::zero(), options_.limits.long_statement, false));
  const SqlStatement& statement = job.script.statements.front();
  AUTERITY_CO_CHECK(statement.kind == "IndexStmt" ? co_await create_index(job, statement)
                                                  : co_await drop_indexes(statement));
  co_return co_await record_alone(job);
}

Async<Status> Migrator::create_index(const Job& job, const SqlStatement& statement) {
  const TableName index{schema_of_index(statement.node), text_of(statement.node, "idxname")};
  const std::string table = table_of(member(statement.node, "relation")).quoted();
  BackOff pause(std::chrono::milliseconds(200), std::chrono::seconds(5));
  for (;;) {
    AUTERITY_CO_TRY(state, co_await work_->query({kIndexState, {index.quoted(), table}}));
    if (state->size() == 1 && state->text(0, 1) != "t")
      co_return fail(ErrorKind::conflict,
                     fmt::format("an index {} of another table is in the way", index.text()),
                     "rename it, or choose another name in a new migration");
    if (state->size() == 1 && state->text(0, 0) == "t") co_return Status{};
    if (state->size() == 1) {
      note(fmt::format("{}: index {} was left invalid and is built anew", label(job.migration),
                       index.text()));
      AUTERITY_CO_CHECK(co_await drop_index(index));
    }
    const Status built = co_await work_->execute_script(statement.text);
    if (built) co_return built;
    // An invalid index costs every write and serves nobody.
    const auto left = co_await work_->query({kIndexState, {index.quoted(), table}});
    if (left && (*left)->size() == 1 && (*left)->text(0, 0) != "t") co_await drop_index(index);
    const bool again = built.error().kind == ErrorKind::try_again;
    if (!again || pause.failures() + 1 >= kAttempts) co_return built;
    co_await clock_.sleep(pause.next());
  }
}

Async<Status> Migrator::drop_index(const TableName& index) {
  co_return co_await work_->execute_script("DROP INDEX CONCURRENTLY IF EXISTS " + index.quoted());
}

// What is gone already was dropped by a migrator that died before its record.
Async<Status> Migrator::drop_indexes(const SqlStatement& statement) {
  for (const Json& object : list_of(statement.node, "objects"))
    AUTERITY_CO_CHECK(co_await drop_index(table_of(names_of(as(object, "List"), "items"))));
  co_return Status{};
}

Async<Status> Migrator::run_alone(const Job& job) {
  AUTERITY_CO_CHECK(
      co_await limit(options_.limits.lock_budget, options_.limits.long_statement, false));
  AUTERITY_CO_CHECK(co_await work_->execute_script(job.script.statements.front().text));
  co_return co_await record_alone(job);
}

}  // namespace auterity::data
