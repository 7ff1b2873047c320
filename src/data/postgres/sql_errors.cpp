#include "data/postgres/sql_errors.h"

#include <libpq-fe.h>

#include <array>
#include <string>

namespace auterity::data {
namespace {

struct SqlStateRow {
  std::string_view prefix;  // a whole code or the beginning of a class
  ErrorKind kind;
  std::string_view hint;
};

constexpr std::string_view kUnknownHint =
    "this is a defect of the platform; report it with the log lines around it";

// Looked up by the longest prefix.
constexpr std::array kSqlStates{
    SqlStateRow{"08", ErrorKind::unavailable, "check that PostgreSQL runs, then try again"},
    SqlStateRow{"22", ErrorKind::invalid_input, "correct the value and send it again"},
    SqlStateRow{"23502", ErrorKind::invalid_input, "send the missing value, too"},
    SqlStateRow{"23503", ErrorKind::invalid_input, "refer to something that exists"},
    SqlStateRow{"23505", ErrorKind::conflict, "it exists already; use another name or key"},
    SqlStateRow{"23514", ErrorKind::invalid_input, "send a value that the rule allows"},
    SqlStateRow{"23P01", ErrorKind::conflict, "it overlaps with something that exists"},
    SqlStateRow{"25006", ErrorKind::unavailable,
                "the database only reads at the moment (a standby, or a failover is under way); "
                "try again"},
    SqlStateRow{"40", ErrorKind::try_again, "repeat the request"},
    SqlStateRow{"40003", ErrorKind::unavailable, "look whether it was done before repeating it"},
    SqlStateRow{"53", ErrorKind::unavailable,
                "PostgreSQL lacks memory or connections; lower the load or raise its limits"},
    SqlStateRow{"53100", ErrorKind::storage_full, "free space on the database's disk"},
    SqlStateRow{"54", ErrorKind::too_large, "send less at once"},
    SqlStateRow{"55P03", ErrorKind::try_again, "somebody else holds the lock; try again later"},
    SqlStateRow{"57014", ErrorKind::timeout, "ask for less at once, or raise the time limit"},
    SqlStateRow{"57P0", ErrorKind::unavailable, "PostgreSQL restarts; try again in a moment"},
};

const SqlStateRow* find_row(std::string_view sqlstate) {
  const SqlStateRow* best = nullptr;
  for (const auto& row : kSqlStates) {
    if (!sqlstate.starts_with(row.prefix)) continue;
    if (!best || row.prefix.size() > best->prefix.size()) best = &row;
  }
  return best;
}

std::string_view field(const pg_result* result, int code) {
  const char* text = PQresultErrorField(result, code);
  return text ? std::string_view(text) : std::string_view();
}

}  // namespace

ErrorKind kind_of_sqlstate(std::string_view sqlstate) {
  const auto* row = find_row(sqlstate);
  return row ? row->kind : ErrorKind::internal;
}

Error statement_error(std::string_view sqlstate, std::string_view primary_message,
                      std::string_view what) {
  const auto* row = find_row(sqlstate);
  std::string message("statement ");
  message.append(what).append(": ").append(primary_message);
  if (!sqlstate.empty()) message.append(" (SQLSTATE ").append(sqlstate).append(")");
  return Error{row ? row->kind : ErrorKind::internal, std::move(message),
               std::string(row ? row->hint : kUnknownHint)};
}

Error statement_error(const pg_result* result, std::string_view what) {
  return statement_error(field(result, PG_DIAG_SQLSTATE), field(result, PG_DIAG_MESSAGE_PRIMARY),
                         what);
}

bool is_stale_plan(std::string_view sqlstate) {
  // feature_not_supported covers "cached plan must not change result type"; the other is
  // invalid_sql_statement_name, the answer to a prepared statement that is gone.
  return sqlstate == "0A000" || sqlstate == "26000";
}

std::string_view without_server_address(std::string_view message) {
  constexpr std::string_view marker = "failed: ";
  if (const auto at = message.find(marker); at != std::string_view::npos) {
    message.remove_prefix(at + marker.size());
  }
  message = message.substr(0, message.find('\n'));
  for (std::string_view severity : {"FATAL:  ", "ERROR:  "}) {
    if (message.starts_with(severity)) message.remove_prefix(severity.size());
  }
  return message;
}

Error connect_error(const pg_conn* connection) {
  std::string message("no connection to the database: ");
  message.append(without_server_address(PQerrorMessage(connection)));
  return Error{ErrorKind::unavailable, std::move(message),
               "check that PostgreSQL runs and that the database URL names the right host, user, "
               "password and database"};
}

}  // namespace auterity::data
