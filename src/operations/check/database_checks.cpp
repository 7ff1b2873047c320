// The database: reached as the services reach it, then asked once for everything.
#include <charconv>

#include "core/finally.h"
#include "data/database.h"
#include "operations/check/verdicts.h"

namespace auterity::operations::check {
namespace {

constexpr Duration kConnectLimit = std::chrono::milliseconds(1500);
constexpr Duration kStatementLimit = std::chrono::seconds(1);
constexpr int kConnectionsOfProcess = 8;  // AUTERITY_DATABASE_CONNECTIONS' default
constexpr int kLimitS = 5;

constexpr data::Statement kFacts{
    "check.facts",
    "select current_setting('server_version_num'), "
    "has_schema_privilege('public', 'CREATE'), "
    "(select count(*) from pg_available_extensions where name = 'pg_stat_statements'), "
    "(select count(*) from pg_replication_slots), current_setting('max_replication_slots'), "
    "(select count(*) from pg_replication_slots where not active), "
    "(select count(*) from pg_stat_activity where backend_type = 'client backend'), "
    "current_setting('max_connections'), "
    "(extract(epoch from clock_timestamp()) * 1000000)::bigint"};

std::int64_t number(const data::Rows& rows, std::size_t column) {
  const std::string_view text = rows.text(0, column);
  std::int64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

struct Answer {
  DatabaseFacts facts;
  Duration clock_difference{};
};

Async<Result<Answer>> ask(Clock& clock, data::Database& database) {
  const Time before = clock.now();
  AUTERITY_CO_TRY(rows, co_await database.read({kFacts, {}}));
  const Time middle = before + (clock.now() - before) / 2;
  Answer answer;
  answer.facts.version = static_cast<int>(number(*rows, 0));
  answer.facts.can_create = rows->text(0, 1) == "t";
  if (number(*rows, 2) == 0) answer.facts.missing_extensions.emplace_back("pg_stat_statements");
  answer.facts.slots_used = number(*rows, 3);
  answer.facts.slots_most = number(*rows, 4);
  answer.facts.slots_inactive = number(*rows, 5);
  answer.facts.connections_used = number(*rows, 6);
  answer.facts.connections_most = number(*rows, 7);
  answer.clock_difference = from_epoch_microseconds(number(*rows, 8)) - middle;
  co_return answer;
}

std::string url_of(const Subject& subject) {
  const auto given = subject.variables.find("DATABASE_URL");
  if (given != subject.variables.end() && !given->second.empty()) return given->second;
  return subject.platform ? subject.platform->service_database_url() : "";
}

class DatabaseFamily final : public Family {
 public:
  std::vector<std::string> ids() const override {
    return {"database-reachable",        "database-version",     "database-privileges",
            "database-extensions",       "database-connections", "clock",
            "database-replication-slots"};
  }
  Duration limit() const override { return std::chrono::seconds(kLimitS); }

  Async<Result<std::vector<Finding>>> run(const Subject& subject) override {
    const std::string url = url_of(subject);
    if (url.empty())
      co_return fail(ErrorKind::not_ready, "there is no DATABASE_URL and no platform here",
                     "start it with `auterity up`, or set DATABASE_URL");
    const auto database =
        data::open_database(subject.context.executor, subject.context.clock, subject.context.log,
                            {.url = url,
                             .application_name = "auterity check",
                             .max_connections = 1,
                             .connect_timeout = kConnectLimit,
                             .acquire_timeout = kConnectLimit,
                             .statement_timeout = kStatementLimit});
    auto answer = co_await finally(ask(subject.context.clock, *database), database->close());
    co_return answer ? judge(subject, *answer) : unreachable(answer.error());
  }

 private:
  // The error's own text is left out: it may name hosts and users.
  std::vector<Finding> unreachable(const Error& error) const {
    std::vector<Finding> findings;
    for (const std::string& id : ids())
      findings.push_back(
          {id,
           {Verdict::skipped, "the database could not be asked", "mend database-reachable first"}});
    findings.front().judgement = {
        Verdict::fail, "no answer from the database: " + std::string(facts(error.kind).title),
        "see `auterity status`, and logs/postgres of the environment's folder"};
    return findings;
  }

  std::vector<Finding> judge(const Subject& subject, const Answer& answer) const {
    const int processes =
        subject.platform ? subject.platform->pool().replicas + subject.platform->pool().workers
                         : static_cast<int>(subject.environment.number("app_desired_capacity") +
                                            subject.environment.number("workers"));
    const DatabaseFacts& found = answer.facts;
    return {{"database-reachable", {Verdict::pass, "answered", ""}},
            {"database-version", judge_database_version(found)},
            {"database-privileges", judge_privileges(found)},
            {"database-extensions", judge_extensions(found)},
            {"database-connections", judge_connections(found, processes * kConnectionsOfProcess)},
            {"clock", judge_clock(answer.clock_difference)},
            {"database-replication-slots", judge_replication_slots(found)}};
  }
};

}  // namespace

std::unique_ptr<Family> make_database_family() { return std::make_unique<DatabaseFamily>(); }

}  // namespace auterity::operations::check
