#include "operations/operator_database.h"

namespace auterity::operations {

std::unique_ptr<data::Database> open_operator_database(Executor executor, Clock& clock, Log& log,
                                                       std::string url, std::string name) {
  return data::open_database(std::move(executor), clock, log,
                             {.url = std::move(url),
                              .application_name = std::move(name),
                              .max_connections = 2,
                              .connect_timeout = std::chrono::seconds(3),
                              .acquire_timeout = std::chrono::seconds(5)});
}

}  // namespace auterity::operations
