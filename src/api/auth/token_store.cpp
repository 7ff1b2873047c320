#include "api/auth/token_store.h"

#include "api/sql_values.h"

namespace auterity::api {
namespace {

using data::Query;
using data::Statement;

constexpr Statement kAdd{
    "refresh_tokens.add",
    "INSERT INTO refresh_tokens (token_hash, session_id, user_id, issued_at, expires_at) "
    "VALUES ($1, $2, $3, $4, $5)"};
constexpr Statement kTake{
    "refresh_tokens.take",
    "UPDATE refresh_tokens SET used_at = $2 WHERE token_hash = $1 AND used_at IS NULL "
    "AND revoked_at IS NULL AND expires_at > $2::timestamptz RETURNING session_id, user_id"};
constexpr Statement kFind{
    "refresh_tokens.find",
    "SELECT session_id, user_id, (used_at IS NOT NULL OR revoked_at IS NOT NULL)::int "
    "FROM refresh_tokens WHERE token_hash = $1"};
constexpr Statement kEndSession{"refresh_tokens.end_session",
                                "UPDATE refresh_tokens SET revoked_at = $2 "
                                "WHERE session_id = $1 AND revoked_at IS NULL"};
constexpr Statement kEndSessionsOf{
    "refresh_tokens.end_sessions_of_user",
    "UPDATE refresh_tokens SET revoked_at = $2 WHERE user_id = $1 AND revoked_at IS NULL "
    "AND EXISTS (SELECT FROM users WHERE id = $1 AND updated_at = $2::timestamptz)"};
constexpr Statement kRevokeUser{
    "token_revocations.add_user",
    "INSERT INTO token_revocations (subject, generation, created_at, expires_at) "
    "SELECT id, generation, $2, $3 FROM users WHERE id = $1 AND updated_at = $2::timestamptz "
    "ON CONFLICT (subject, generation) DO NOTHING"};
constexpr Statement kRevoke{
    "token_revocations.add",
    "INSERT INTO token_revocations (subject, generation, created_at, expires_at) "
    "VALUES ($1, $2, $3, $4) ON CONFLICT (subject, generation) DO NOTHING"};
constexpr Statement kRevocations{
    "token_revocations.since",
    "SELECT subject, generation, (extract(epoch FROM expires_at) * 1000000)::bigint "
    "FROM token_revocations WHERE created_at >= $1 AND expires_at > $2"};
constexpr Statement kRemoveTokens{"refresh_tokens.remove_expired",
                                  "DELETE FROM refresh_tokens WHERE expires_at <= $1"};
constexpr Statement kRemoveRevocations{"token_revocations.remove_expired",
                                       "DELETE FROM token_revocations WHERE expires_at <= $1"};

Query revoke_query(const Revocation& revocation, Time now) {
  return {kRevoke,
          {to_text(revocation.subject), std::to_string(revocation.generation), to_rfc3339(now),
           to_rfc3339(revocation.expires_at)}};
}

}  // namespace

Async<Status> TokenStore::add(RefreshToken token) {
  Query query{kAdd,
              {std::move(token.hash), to_text(token.session_id), to_text(token.user_id),
               to_rfc3339(token.issued_at), to_rfc3339(token.expires_at)}};
  AUTERITY_CO_CHECK(co_await database_.query(std::move(query)));
  co_return Status{};
}

Async<Result<TokenStore::Taken>> TokenStore::take(std::string hash, Time now) {
  AUTERITY_CO_TRY(taken, co_await database_.query({kTake, {hash, to_rfc3339(now)}}));
  if (taken->size() == 1)
    co_return Taken{Use::taken, read_uuid(*taken, 0, 0), read_uuid(*taken, 0, 1)};
  AUTERITY_CO_TRY(known, co_await database_.read({kFind, {std::move(hash)}}));
  if (known->size() == 0) co_return Taken{};
  const Use use = read_integer(*known, 0, 2) != 0 ? Use::reused : Use::expired;
  co_return Taken{use, read_uuid(*known, 0, 0), read_uuid(*known, 0, 1)};
}

Async<Status> TokenStore::end_session(Uuid session_id, Revocation revocation, Time now) {
  std::vector<Query> queries;
  queries.push_back({kEndSession, {to_text(session_id), to_rfc3339(now)}});
  queries.push_back(revoke_query(revocation, now));
  AUTERITY_CO_CHECK(co_await database_.transact(std::move(queries)));
  co_return Status{};
}

std::vector<Query> TokenStore::end_sessions_of(Uuid user_id, Time now, Time expires_at) {
  std::vector<Query> queries;
  queries.push_back({kEndSessionsOf, {to_text(user_id), to_rfc3339(now)}});
  queries.push_back({kRevokeUser, {to_text(user_id), to_rfc3339(now), to_rfc3339(expires_at)}});
  return queries;
}

Async<Status> TokenStore::revoke(Revocation revocation, Time now) {
  AUTERITY_CO_CHECK(co_await database_.query(revoke_query(revocation, now)));
  co_return Status{};
}

Async<Result<std::vector<Revocation>>> TokenStore::revocations(Time since, Time now) {
  AUTERITY_CO_TRY(rows,
                  co_await database_.read({kRevocations, {to_rfc3339(since), to_rfc3339(now)}}));
  std::vector<Revocation> found;
  for (std::size_t row = 0; row < rows->size(); ++row)
    found.push_back(
        {read_uuid(*rows, row, 0), read_integer(*rows, row, 1), read_time(*rows, row, 2)});
  co_return found;
}

Async<Result<std::size_t>> TokenStore::remove_expired(Time now) {
  std::vector<Query> queries;
  queries.push_back({kRemoveTokens, {to_rfc3339(now)}});
  queries.push_back({kRemoveRevocations, {to_rfc3339(now)}});
  AUTERITY_CO_TRY(results, co_await database_.transact(std::move(queries)));
  co_return results[0]->affected() + results[1]->affected();
}

}  // namespace auterity::api
