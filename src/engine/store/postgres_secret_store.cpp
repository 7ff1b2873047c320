#include "engine/store/postgres_secret_store.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/store/execution_records.h"

namespace auterity::engine {
namespace {

using data::Statement;

constexpr std::size_t kMaxNameBytes = 128;
constexpr std::size_t kMaxValueBytes = 64 * 1024;

constexpr Statement kPut{
    "secrets.put",
    "INSERT INTO secrets (name, key_id, sealed, updated_at, updated_by) "
    "VALUES ($1, $2, $3, $4::timestamptz, $5) ON CONFLICT (name) DO UPDATE SET"
    " key_id = excluded.key_id, sealed = excluded.sealed, updated_at = excluded.updated_at,"
    " updated_by = excluded.updated_by"};
constexpr Statement kRemove{"secrets.remove", "DELETE FROM secrets WHERE name = $1"};
constexpr Statement kNames{"secrets.names", "SELECT name FROM secrets ORDER BY name COLLATE \"C\""};
constexpr Statement kResolve{
    "secrets.resolve", "SELECT name, key_id, sealed FROM secrets WHERE name = ANY($1::text[])"};

bool is_name(std::string_view name) {
  return !name.empty() && name.size() <= kMaxNameBytes && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-';
  });
}

}  // namespace

Async<Status> PostgresSecretStore::put(std::string name, Json value, std::string user_id) {
  if (!is_name(name))
    co_return fail(ErrorKind::invalid_input, "this is not the name of a secret",
                   "use 1 to 128 letters, digits, dots, hyphens or underscores");
  const std::string text = auterity::to_text(value);
  if (text.size() > kMaxValueBytes)
    co_return fail(ErrorKind::too_large, fmt::format("secret {} is over 64 KiB", name),
                   "keep large data in files, and only what protects it in a secret");
  std::string sealed = box_.seal(name, text, random_);
  AUTERITY_CO_CHECK(co_await database_.query({kPut,
                                              {std::move(name), box_.key_id(), std::move(sealed),
                                               to_rfc3339(clock_.now()), std::move(user_id)}}));
  co_return Status();
}

Async<Status> PostgresSecretStore::remove(std::string name) {
  AUTERITY_CO_TRY(rows, co_await database_.query({kRemove, {name}}));
  if (rows->affected() == 0)
    co_return fail(ErrorKind::not_found, "there is no secret of this name",
                   "list the names of secrets");
  co_return Status();
}

Async<Result<std::vector<std::string>>> PostgresSecretStore::names() {
  AUTERITY_CO_TRY(rows, co_await database_.read({kNames, {}}));
  std::vector<std::string> names;
  names.reserve(rows->size());
  for (std::size_t row = 0; row < rows->size(); ++row) names.emplace_back(rows->text(row, 0));
  co_return names;
}

Async<Result<JsonObject>> PostgresSecretStore::resolve(std::vector<std::string> names) {
  JsonObject values;
  if (names.empty()) co_return values;
  AUTERITY_CO_TRY(rows, co_await database_.read(
                            {kResolve, {data::to_array_literal({names.begin(), names.end()})}}));
  for (std::size_t row = 0; row < rows->size(); ++row) {
    const std::string_view name = rows->text(row, 0), key_id = rows->text(row, 1);
    if (key_id != box_.key_id())
      co_return fail(ErrorKind::not_ready,
                     fmt::format("secret {} was sealed with key {}, this process has key {}", name,
                                 key_id, box_.key_id()),
                     "set AUTERITY_SECRETS_KEY to the key that sealed it, or put its value again");
    AUTERITY_CO_TRY(text, box_.open(name, rows->text(row, 2)));
    AUTERITY_CO_TRY(value, stored_json(text));
    values[name] = std::move(value);
  }
  co_return values;
}

}  // namespace auterity::engine
