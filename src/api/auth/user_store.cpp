#include "api/auth/user_store.h"

#include <algorithm>

#include "api/sql_values.h"

namespace auterity::api {
namespace {

using data::Query;
using data::SqlParameter;
using data::Statement;

#define AUTERITY_USER_COLUMNS                             \
  "id, email, name, role, password_hash, generation, "    \
  "(extract(epoch FROM created_at) * 1000000)::bigint, "  \
  "(extract(epoch FROM disabled_at) * 1000000)::bigint, " \
  "(extract(epoch FROM last_login_at) * 1000000)::bigint "

constexpr Statement kFindByEmail{"users.find_by_email",
                                 "SELECT " AUTERITY_USER_COLUMNS "FROM users WHERE email = $1"};
constexpr Statement kFind{"users.find", "SELECT " AUTERITY_USER_COLUMNS "FROM users WHERE id = $1"};
constexpr Statement kList{"users.list", "SELECT " AUTERITY_USER_COLUMNS
                                        "FROM users WHERE $1::uuid IS NULL OR id < $1 "
                                        "ORDER BY id DESC LIMIT $2"};
constexpr Statement kCreate{
    "users.create",
    "INSERT INTO users (id, email, name, role, password_hash, created_at, updated_at) "
    "VALUES ($1, $2, $3, $4, $5, $6, $6) RETURNING " AUTERITY_USER_COLUMNS};
// One at a time: two administrators who remove each other's role must not both succeed.
constexpr Statement kLockAdministrators{
    "users.lock_administrators",
    "SELECT pg_advisory_xact_lock(hashtext('auterity.administrators'))"};
constexpr Statement kUpdate{
    "users.update",
    "UPDATE users SET name = coalesce($2, name), role = coalesce($3, role), "
    "password_hash = coalesce($4, password_hash), "
    "disabled_at = CASE WHEN $5::boolean IS NULL THEN disabled_at "
    "WHEN $5 THEN coalesce(disabled_at, $7::timestamptz) END, "
    "generation = generation + $6::bigint, updated_at = $7 "
    "WHERE id = $1 AND (role <> 'admin' OR disabled_at IS NOT NULL "
    "OR (coalesce($3, role) = 'admin' AND NOT coalesce($5::boolean, false)) "
    "OR EXISTS (SELECT FROM users other WHERE other.id <> $1 AND other.role = 'admin' "
    "AND other.disabled_at IS NULL)) RETURNING " AUTERITY_USER_COLUMNS};
constexpr Statement kNoteLogin{"users.note_login",
                               "UPDATE users SET last_login_at = $2 WHERE id = $1"};

User read_user(const data::Rows& rows, std::size_t row) {
  User user;
  user.id = read_uuid(rows, row, 0);
  user.email = read_text(rows, row, 1);
  user.name = read_text(rows, row, 2);
  user.role = parse_role(rows.text(row, 3)).value_or(Role::viewer);
  user.password_hash = read_text(rows, row, 4);
  user.generation = read_integer(rows, row, 5);
  user.created_at = read_time(rows, row, 6);
  user.disabled_at = read_optional_time(rows, row, 7);
  user.last_login_at = read_optional_time(rows, row, 8);
  return user;
}

std::unexpected<Error> no_such_user() {
  return fail(ErrorKind::not_found, "there is no such user", "list them with GET /api/users");
}

SqlParameter text_of(std::optional<bool> flag) {
  if (!flag) return std::nullopt;
  return *flag ? "true" : "false";
}

}  // namespace

Async<Result<std::optional<User>>> UserStore::find_by_email(std::string email) {
  AUTERITY_CO_TRY(rows, co_await database_.read({kFindByEmail, {std::move(email)}}));
  if (rows->size() == 0) co_return std::optional<User>{};
  co_return read_user(*rows, 0);
}

Async<Result<User>> UserStore::find(Uuid id) {
  AUTERITY_CO_TRY(rows, co_await database_.read({kFind, {to_text(id)}}));
  if (rows->size() == 0) co_return no_such_user();
  co_return read_user(*rows, 0);
}

Async<Result<std::vector<User>>> UserStore::list(std::optional<Uuid> before, std::size_t limit) {
  const SqlParameter below = before ? SqlParameter(to_text(*before)) : std::nullopt;
  AUTERITY_CO_TRY(rows, co_await database_.read({kList, {below, std::to_string(limit)}}));
  std::vector<User> users;
  for (std::size_t row = 0; row < rows->size(); ++row) users.push_back(read_user(*rows, row));
  co_return users;
}

Async<Result<User>> UserStore::create(NewUser user) {
  const Time now = clock_.now();
  Query query{kCreate,
              {to_text(make_uuid(now, random_)), std::move(user.email), std::move(user.name),
               std::string(to_text(user.role)), std::move(user.password_hash), to_rfc3339(now)}};
  Result<data::RowsPtr> rows = co_await database_.query(std::move(query));
  if (!rows && rows.error().kind == ErrorKind::conflict)
    co_return fail(ErrorKind::conflict, "a user with this email exists",
                   "change that account, or use another address");
  if (!rows) co_return std::unexpected(std::move(rows).error());
  co_return read_user(**rows, 0);
}

Async<Result<User>> UserStore::update(Uuid id, UserChange change, Time now,
                                      std::vector<data::Query> also) {
  SqlParameter role;
  if (change.role) role = std::string(to_text(*change.role));
  std::vector<Query> queries;
  queries.push_back({kLockAdministrators, {}});
  queries.push_back(
      {kUpdate,
       {to_text(id), change.name, role, change.password_hash, text_of(change.disabled),
        change.ends_sessions() ? "1" : "0", to_rfc3339(now)}});
  for (Query& query : also) queries.push_back(std::move(query));
  AUTERITY_CO_TRY(results, co_await database_.transact(std::move(queries)));
  if (results[1]->size() == 1) co_return read_user(*results[1], 0);
  AUTERITY_CO_CHECK(co_await find(id));
  co_return fail(ErrorKind::conflict, "this is the last administrator",
                 "give another user the role admin first");
}

Async<Status> UserStore::note_login(Uuid id) {
  AUTERITY_CO_CHECK(
      co_await database_.query({kNoteLogin, {to_text(id), to_rfc3339(clock_.now())}}));
  co_return Status{};
}

Result<std::string> normal_email(std::string_view text) {
  std::string email(text);
  const auto at = email.find('@');
  const bool well_formed = email.size() <= 254 && at != std::string::npos && at > 0 &&
                           at + 1 < email.size() && email.find('@', at + 1) == std::string::npos &&
                           std::ranges::all_of(email, [](char c) {
                             return static_cast<unsigned char>(c) > ' ' && c != 127;
                           });
  if (!well_formed)
    return fail(ErrorKind::invalid_input, "the email address is malformed",
                "write it like name@example.org");
  std::ranges::transform(email, email.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  });
  return email;
}

}  // namespace auterity::api
