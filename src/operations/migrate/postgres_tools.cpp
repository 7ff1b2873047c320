#include "operations/migrate/postgres_tools.h"

#include <fmt/format.h>

#include "data/database_url.h"
#include "data/with_database.h"
#include "operations/process_call.h"

namespace auterity::operations {
namespace {

constexpr data::Statement kServerVersion{
    "postgres_tools.server_version", "SELECT current_setting('server_version_num')::int / 10000"};

}  // namespace

Async<Result<std::string>> run_postgres_tool(MigrateServices& services, const MigrateTarget& target,
                                             PostgresTool tool) {
  AUTERITY_CO_TRY(server, open_as_administrator(services, target, tool.database));
  AUTERITY_CO_TRY(version,
                  co_await data::with_database(std::move(server), [](data::Database& database) {
                    return database.read({kServerVersion, {}});
                  }));
  std::string& program = tool.arguments.front();
  program = fmt::format("/usr/lib/postgresql/{}/bin/{}", version->text(0, 0), program);
  if (!services.files.exists(program))
    co_return fail(
        ErrorKind::not_ready, fmt::format("{} is not there", program),
        fmt::format("install it: apt-get install postgresql-client-{}", version->text(0, 0)));
  AUTERITY_CO_TRY(url, data::with_database(target.admin_url, tool.database));
  AUTERITY_CO_TRY(environment, data::libpq_environment(url));
  environment["LC_ALL"] = "C.UTF-8";
  co_return co_await call(services.processes,
                          ProcessRequest{.arguments = std::move(tool.arguments),
                                         .environment = std::move(environment),
                                         .clean_environment = true,
                                         .working_directory = "/",
                                         .input = std::move(tool.input),
                                         .timeout = tool.limit,
                                         .max_output_bytes = tool.most_output_bytes});
}

}  // namespace auterity::operations
