#pragma once
// How an operation reaches a database: with few connections, and a server that does not answer is
// given up within seconds, not ridden out as a service would.
#include <memory>
#include <string>

#include "data/database.h"

namespace auterity::operations {

// `name` is what the server shows of the session, "auterity-up".
std::unique_ptr<data::Database> open_operator_database(Executor executor, Clock& clock, Log& log,
                                                       std::string url, std::string name);

}  // namespace auterity::operations
