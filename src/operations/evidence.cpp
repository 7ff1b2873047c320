#include "operations/evidence.h"

#include <fmt/format.h>

#include <boost/json.hpp>

#include "data/database.h"
#include "data/with_database.h"
#include "operations/local_status.h"
#include "targets/local/haproxy_admin.h"

namespace auterity::operations {
namespace {

namespace fs = std::filesystem;

constexpr unsigned kOwnersAlone = 0600;
constexpr std::string_view kComplete = "complete";  // written last
constexpr std::size_t kLogEnd_bytes = 64 << 10;
constexpr std::size_t kMostLog_bytes = 64 << 20;

constexpr data::Statement kSessions{
    "evidence.sessions",
    "SELECT coalesce(application_name, ''), coalesce(state, backend_type), "
    "coalesce(wait_event_type, ''), count(*)::text, "
    "coalesce(max(extract(epoch FROM now() - xact_start))::text, '') "
    "FROM pg_stat_activity GROUP BY 1, 2, 3 ORDER BY 1, 2, 3"};

std::string said(const Error& error) { return "cannot be had: " + error.message + "\n"; }

Async<std::string> status_text(LocalContext& context) {
  const auto status = co_await observe_platform(context);
  co_return status ? to_pretty_text(Json(to_json(*status))) + "\n" : said(status.error());
}

Async<std::string> haproxy_text(LocalContext& context, local::Platform platform) {
  const auto answer = co_await local::haproxy_command(
      context.clock, platform.layout.socket("haproxy-admin"), "show info; show stat");
  co_return answer ? *answer : said(answer.error());
}

Async<Result<std::string>> sessions(data::Database& database) {
  AUTERITY_CO_TRY(rows, co_await database.read({kSessions, {}}));
  std::string text = "application,state,waits_for,sessions,oldest_transaction_seconds\n";
  for (std::size_t row = 0; row < rows->size(); ++row) {
    for (std::size_t column = 0; column < 5; ++column)
      text += fmt::format("{}{}", column == 0 ? "" : ",", rows->text(row, column));
    text += '\n';
  }
  co_return text;
}

Async<std::string> sessions_text(LocalContext& context, local::Platform platform) {
  // A pool would try again and again where nobody listens.
  if (!context.files.exists(platform.layout.run /
                            fmt::format(".s.PGSQL.{}", platform.postgres_port)))
    co_return "cannot be had: PostgreSQL does not run\n";
  data::DatabaseOptions options;
  options.url = platform.service_database_url();
  options.application_name = "auterity-evidence";
  options.max_connections = 1;
  options.connect_timeout = std::chrono::seconds(2);
  options.acquire_timeout = std::chrono::seconds(3);
  const auto text = co_await data::with_database(
      data::open_database(context.executor, context.clock, context.log, std::move(options)),
      sessions);
  co_return text ? *text : said(text.error());
}

std::string end_of_log(LocalContext& context, const fs::path& log) {
  auto text = context.files.read(log / "current", kMostLog_bytes);
  if (!text) return said(text.error());
  if (text->size() <= kLogEnd_bytes) return std::move(*text);
  const std::size_t line = text->find('\n', text->size() - kLogEnd_bytes);
  return text->substr(line == std::string::npos ? text->size() - kLogEnd_bytes : line + 1);
}

}  // namespace

fs::path evidence_folder(const local::Layout& layout, std::string_view operation_id) {
  return layout.operations() / operation_id;
}

Async<Status> keep_evidence(LocalContext& context, local::Platform platform, fs::path folder) {
  AUTERITY_CO_CHECK(context.files.create_directories(folder));
  const auto keep = [&](const std::string& name, std::string_view text) {
    return context.files.write_atomically(folder / name, text, kOwnersAlone);
  };
  AUTERITY_CO_CHECK(keep("status.json", co_await status_text(context)));
  AUTERITY_CO_CHECK(keep("haproxy.txt", co_await haproxy_text(context, platform)));
  AUTERITY_CO_CHECK(keep("database-sessions.csv", co_await sessions_text(context, platform)));
  for (const std::string& service : platform.service_names())
    AUTERITY_CO_CHECK(
        keep(service + ".log", end_of_log(context, platform.layout.logs() / service)));
  co_return keep(std::string(kComplete), "");
}

Observation observe_evidence(Files& files, const fs::path& folder) {
  if (!files.exists(folder / kComplete)) return {false, "nothing is kept yet"};
  return {true, "kept in " + folder.string()};
}

}  // namespace auterity::operations
