#pragma once
// What a SQLSTATE (https://www.postgresql.org/docs/15/errcodes-appendix.html) means to a caller.
// One table; message text is shown to people and never decides. Details and contexts of the server
// are left out, since they repeat stored values.
#include <string_view>

#include "core/error.h"

struct pg_conn;
struct pg_result;

namespace auterity::data {

// The kind of the longest prefix of `sqlstate` in the table; internal for a code that it does not
// hold.
ErrorKind kind_of_sqlstate(std::string_view sqlstate);

// The error of a failed statement called `what`: its kind by SQLSTATE, the server's primary
// message, the table's hint.
Error statement_error(std::string_view sqlstate, std::string_view primary_message,
                      std::string_view what);
Error statement_error(const pg_result* result, std::string_view what);

// True when the statement failed because what the connection had prepared no longer fits the schema
// or is gone; a fresh connection prepares it again.
bool is_stale_plan(std::string_view sqlstate);

// Why no connection could be made, without host, port, user or password.
Error connect_error(const pg_conn* connection);
// libpq's message with its description of the server cut off: first line after "failed: ".
std::string_view without_server_address(std::string_view message);

}  // namespace auterity::data
