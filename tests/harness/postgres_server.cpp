#include "harness/postgres_server.h"

#include <fmt/format.h>
#include <libpq-fe.h>
#include <signal.h>

#include <filesystem>
#include <fstream>
#include <stdexcept>

#include "data/migrations.h"
#include "harness/event_loop.h"
#include "harness/loopback_port.h"
#include "harness/percent_encoding.h"
#include "harness/source_folder.h"

namespace auterity::harness {
namespace {

const std::vector<std::string> kFolders{"/usr/lib/postgresql/15/bin", "/usr/lib/postgresql/16/bin",
                                        "/usr/lib/postgresql/17/bin"};

std::optional<std::string> find_binaries() {
  const auto program = ServerProcess::find_program("initdb", kFolders);
  if (!program) return std::nullopt;
  return std::filesystem::path(*program).parent_path().string();
}

}  // namespace

bool PostgresServer::available() { return find_binaries().has_value(); }

std::string PostgresServer::why_absent() {
  return "PostgreSQL's server programs are not installed (apt-get install postgresql-15)";
}

PostgresServer* PostgresServer::shared() {
  if (!available()) return nullptr;
  static PostgresServer server;
  return &server;
}

PostgresServer::PostgresServer(Options options)
    : options_(std::move(options)), process_("pg"), binaries_(find_binaries().value_or("")) {
  if (binaries_.empty()) throw std::runtime_error(why_absent());
  initialize();
  start();
}

PostgresServer::~PostgresServer() { process_.stop(SIGQUIT); }

void PostgresServer::initialize() {
  const auto folder = process_.folder();
  const auto password_file = folder / "password";
  std::ofstream(password_file) << password_ << '\n';
  process_.run({binaries_ + "/initdb", "--pgdata=" + (folder / "data").string(), "--no-sync",
                "--data-checksums", "--username=auterity", "--encoding=UTF8", "--locale=C.UTF-8",
                "--pwfile=" + password_file.string(), "--auth-local=trust",
                "--auth-host=scram-sha-256"});
  if (options_.loopback) port_ = find_free_loopback_port();
  std::map<std::string, std::string> settings{
      {"unix_socket_directories", folder.string()},
      {"listen_addresses", options_.loopback ? "127.0.0.1" : ""},
      {"port", std::to_string(options_.loopback ? port_ : 5432)},
      {"max_connections", "64"},
      {"fsync", options_.durable ? "on" : "off"},
      {"autovacuum", "off"},
      {"log_line_prefix", "%m [%p] %q%a "},
  };
  if (options_.tls) {
    process_.make_certificate();
    settings["ssl"] = "on";
    settings["ssl_cert_file"] = ca_file();
    settings["ssl_key_file"] = (folder / "server.key").string();
  }
  for (const auto& [name, value] : options_.settings) settings[name] = value;
  std::ofstream file(folder / "data" / "postgresql.auto.conf", std::ios::app);
  for (const auto& [name, value] : settings) file << name << " = '" << value << "'\n";
}

std::string PostgresServer::url(const std::string& database) const {
  return fmt::format("postgresql://auterity@/{}?host={}&port={}", database, socket_folder(),
                     options_.loopback ? port_ : 5432);
}

std::string PostgresServer::loopback_url(const std::string& database) const {
  return fmt::format("postgresql://auterity:{}@127.0.0.1:{}/{}", percent_encoded(password_), port_,
                     database);
}

std::string PostgresServer::verified_url(const std::string& database, const std::string& host,
                                         const std::string& ca_file) const {
  return fmt::format("postgresql://auterity:{}@{}:{}/{}?sslmode=verify-full&sslrootcert={}",
                     percent_encoded(password_), host, port_, database, percent_encoded(ca_file));
}

std::string PostgresServer::create_database(const std::string& from) {
  auto name = fmt::format("test_{}", ++databases_);
  execute(fmt::format("CREATE DATABASE {} {}", name, from.empty() ? "" : "TEMPLATE " + from));
  return name;
}

std::string PostgresServer::create_migrated_database() {
  if (template_.empty()) {
    const auto name = create_database();
    EventLoop loop;
    SystemClock clock;
    SilentLog log;
    auto database = data::open_database(loop.executor(), clock, log, {.url = url(name)});
    auto migrations = data::load_migrations((source_folder() / "migrations").string());
    if (!migrations) throw std::runtime_error(migrations.error().message);
    const auto applied = loop.run(data::migrate_up(*database, clock, std::move(*migrations)));
    loop.run(database->close());
    if (!applied) throw std::runtime_error(applied.error().message);
    template_ = name;
  }
  return create_database(template_);
}

std::string PostgresServer::execute(const std::string& sql, const std::string& database) const {
  const std::unique_ptr<PGconn, decltype(&PQfinish)> connection(PQconnectdb(url(database).c_str()),
                                                                PQfinish);
  const std::unique_ptr<PGresult, decltype(&PQclear)> result(PQexec(connection.get(), sql.c_str()),
                                                             PQclear);
  const auto status = PQresultStatus(result.get());
  if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
    throw std::runtime_error(sql + ": " + PQerrorMessage(connection.get()));
  return PQntuples(result.get()) > 0 ? PQgetvalue(result.get(), 0, 0) : "";
}

void PostgresServer::start() {
  process_.start({{binaries_ + "/postgres", "-D", (process_.folder() / "data").string()}, {}, {}});
}

void PostgresServer::stop() { process_.stop(SIGINT); }

void PostgresServer::kill() {
  process_.send_signal_to_all(SIGKILL);
  process_.stop(SIGKILL);
}

void PostgresServer::restart() {
  stop();
  start();
}

void PostgresServer::freeze() { process_.send_signal_to_all(SIGSTOP); }
void PostgresServer::thaw() { process_.send_signal_to_all(SIGCONT); }

}  // namespace auterity::harness
