#include "targets/local/database_setup.h"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>

namespace auterity::local {
namespace {

using Bytes = std::array<unsigned char, 32>;

constexpr int kIterations = 4096;  // what PostgreSQL itself uses
constexpr data::Statement kIsSetUp{
    "database_setup.is_set_up",
    "SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = 'auterity' AND rolcanlogin) "
    "AND EXISTS (SELECT FROM pg_database WHERE datname = 'auterity')"};
constexpr data::Statement kRoleExists{"database_setup.role_exists",
                                      "SELECT FROM pg_roles WHERE rolname = 'auterity'"};
constexpr data::Statement kDatabaseExists{"database_setup.database_exists",
                                          "SELECT FROM pg_database WHERE datname = 'auterity'"};
constexpr data::Statement kExtensionExists{
    "database_setup.extension_exists",
    "SELECT FROM pg_extension WHERE extname = 'pg_stat_statements'"};

std::string base64(const unsigned char* bytes, std::size_t size) {
  std::string text(4 * ((size + 2) / 3) + 1, '\0');
  const int length =
      EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()), bytes, static_cast<int>(size));
  text.resize(static_cast<std::size_t>(length));
  return text;
}

Bytes hmac(const Bytes& key, std::string_view text) {
  Bytes digest{};
  unsigned length = digest.size();
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
       reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data(), &length);
  return digest;
}

}  // namespace

std::string scram_verifier(std::string_view password, std::string_view salt) {
  Bytes salted{};
  PKCS5_PBKDF2_HMAC(password.data(), static_cast<int>(password.size()),
                    reinterpret_cast<const unsigned char*>(salt.data()),
                    static_cast<int>(salt.size()), kIterations, EVP_sha256(),
                    static_cast<int>(salted.size()), salted.data());
  const Bytes client_key = hmac(salted, "Client Key");
  Bytes stored_key{};
  EVP_Digest(client_key.data(), client_key.size(), stored_key.data(), nullptr, EVP_sha256(),
             nullptr);
  const Bytes server_key = hmac(salted, "Server Key");
  return fmt::format("SCRAM-SHA-256${}:{}${}:{}", kIterations,
                     base64(reinterpret_cast<const unsigned char*>(salt.data()), salt.size()),
                     base64(stored_key.data(), stored_key.size()),
                     base64(server_key.data(), server_key.size()));
}

Async<Result<bool>> database_is_set_up(data::Database& server) {
  AUTERITY_CO_TRY(rows, co_await server.read({kIsSetUp, {}}));
  co_return rows->text(0, 0) == "t";
}

Async<Status> set_up_database(data::Database& server, Random& random, std::string password) {
  std::array<std::uint8_t, 16> salt{};
  random.fill(salt);
  const std::string verifier = scram_verifier(
      password, std::string_view(reinterpret_cast<const char*>(salt.data()), salt.size()));
  AUTERITY_CO_TRY(session, co_await server.open_session());
  AUTERITY_CO_TRY(role, co_await session->query({kRoleExists, {}}));
  AUTERITY_CO_CHECK(co_await session->execute_script(fmt::format(
      "{} ROLE auterity LOGIN PASSWORD '{}'", role->size() == 0 ? "CREATE" : "ALTER", verifier)));
  AUTERITY_CO_TRY(database, co_await session->query({kDatabaseExists, {}}));
  if (database->size() == 0)
    AUTERITY_CO_CHECK(co_await session->execute_script(
        "CREATE DATABASE auterity OWNER auterity TEMPLATE template0 ENCODING 'UTF8'"));
  co_return co_await session->execute_script(
      "REVOKE CONNECT ON DATABASE auterity FROM PUBLIC; "
      "GRANT pg_read_all_stats TO auterity");
}

Async<Status> set_up_extensions(data::Database& database) {
  AUTERITY_CO_TRY(session, co_await database.open_session());
  co_return co_await session->execute_script("CREATE EXTENSION IF NOT EXISTS pg_stat_statements");
}

Async<Result<bool>> extensions_are_set_up(data::Database& database) {
  AUTERITY_CO_TRY(rows, co_await database.read({kExtensionExists, {}}));
  co_return rows->size() == 1;
}

}  // namespace auterity::local
