#pragma once
// The platform's role and database in its own PostgreSQL: the only SQL that runs as the superuser.
// The role's password goes over the wire as a SCRAM verifier (RFC 5803), so that it cannot end up
// in a server's log.
#include <string>
#include <string_view>

#include "core/async.h"
#include "core/error.h"
#include "core/random.h"
#include "data/database.h"

namespace auterity::local {

// "SCRAM-SHA-256$4096:<salt>$<stored key>:<server key>" for an ASCII password.
std::string scram_verifier(std::string_view password, std::string_view salt);

// Whether role and database `auterity` are there, with the extension in the database. `server` is a
// superuser's connection to `postgres`.
Async<Result<bool>> database_is_set_up(data::Database& server);
// Creates role and database, and sets the role's password.
Async<Status> set_up_database(data::Database& server, Random& random, std::string password);
// Creates the extension; `database` is a superuser's connection to `auterity`.
Async<Status> set_up_extensions(data::Database& database);
Async<Result<bool>> extensions_are_set_up(data::Database& database);

}  // namespace auterity::local
