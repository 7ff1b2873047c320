#pragma once
// Database URLs as libpq reads them (URI or key=value, percent-encoding, every parameter): taken
// apart and put together again without loss. The password is in what these functions answer, and in
// no error.
#include <map>
#include <string>

#include "core/error.h"

namespace auterity::data {

// The database that the URL names; empty when it names none. invalid_input when it cannot be read.
Result<std::string> database_name(const std::string& url);
// "host:port/database" or "socket folder:port/database", for a person; no user, no password.
Result<std::string> shown_database(const std::string& url);
// The same server, user and parameters, but another database; in key=value form.
Result<std::string> with_database(const std::string& url, const std::string& name);
// For programs that use libpq themselves (pg_dump): PGHOST, PGPASSWORD and so on, so that nothing
// of it is in their arguments.
Result<std::map<std::string, std::string>> libpq_environment(const std::string& url);

}  // namespace auterity::data
