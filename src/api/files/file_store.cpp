#include "api/files/file_store.h"

#include "api/sql_values.h"
#include "data/object_hold.h"

namespace auterity::api {
namespace {

using data::Query;
using data::SqlParameter;
using data::Statement;

#define AUTERITY_FILE_COLUMNS                                      \
  "id, name, content_type, size, sha256, object_key, created_by, " \
  "(extract(epoch FROM created_at) * 1000000)::bigint "

constexpr Statement kAdd{"files.add",
                         "INSERT INTO files (id, name, content_type, size, sha256, object_key, "
                         "created_by, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"};
constexpr Statement kFind{"files.find", "SELECT " AUTERITY_FILE_COLUMNS
                                        "FROM files WHERE id = $1 AND removed_at IS NULL"};
constexpr Statement kList{"files.list",
                          "SELECT " AUTERITY_FILE_COLUMNS
                          "FROM files WHERE removed_at IS NULL "
                          "AND ($1::uuid IS NULL OR id < $1) ORDER BY id DESC LIMIT $2"};
constexpr Statement kRemove{"files.remove",
                            "UPDATE files SET removed_at = $2 WHERE id = $1 AND removed_at IS NULL "
                            "RETURNING " AUTERITY_FILE_COLUMNS};
constexpr Statement kForget{"files.forget",
                            "DELETE FROM files WHERE id = $1 AND removed_at IS NOT NULL"};
constexpr Statement kRemoved{
    "files.removed", "SELECT " AUTERITY_FILE_COLUMNS
                     "FROM files WHERE removed_at IS NOT NULL ORDER BY removed_at LIMIT $1"};

StoredFile read_file(const data::Rows& rows, std::size_t row) {
  return {.id = read_uuid(rows, row, 0),
          .name = read_text(rows, row, 1),
          .content_type = read_text(rows, row, 2),
          .size = static_cast<std::uint64_t>(read_integer(rows, row, 3)),
          .sha256 = read_text(rows, row, 4),
          .object_key = read_text(rows, row, 5),
          .created_by = read_text(rows, row, 6),
          .created_at = read_time(rows, row, 7)};
}

std::vector<StoredFile> read_files(const data::Rows& rows) {
  std::vector<StoredFile> files;
  for (std::size_t row = 0; row < rows.size(); ++row) files.push_back(read_file(rows, row));
  return files;
}

std::unexpected<Error> no_such_file() {
  return fail(ErrorKind::not_found, "there is no such file", "list them with GET /api/files");
}

}  // namespace

Async<Status> FileStore::add(StoredFile file) {
  Query query{kAdd,
              {to_text(file.id), std::move(file.name), std::move(file.content_type),
               std::to_string(file.size), std::move(file.sha256), std::move(file.object_key),
               std::move(file.created_by), to_rfc3339(file.created_at)}};
  AUTERITY_CO_CHECK(co_await database_.query(std::move(query)));
  co_return Status{};
}

Async<Result<StoredFile>> FileStore::find(Uuid id) {
  AUTERITY_CO_TRY(rows, co_await database_.read({kFind, {to_text(id)}}));
  if (rows->size() == 0) co_return no_such_file();
  co_return read_file(*rows, 0);
}

Async<Result<std::vector<StoredFile>>> FileStore::list(std::optional<Uuid> before,
                                                       std::size_t limit) {
  const SqlParameter below = before ? SqlParameter(to_text(*before)) : std::nullopt;
  AUTERITY_CO_TRY(rows, co_await database_.read({kList, {below, std::to_string(limit)}}));
  co_return read_files(*rows);
}

Async<Result<StoredFile>> FileStore::remove(Uuid id, Time now) {
  AUTERITY_CO_TRY(rows, co_await database_.query({kRemove, {to_text(id), to_rfc3339(now)}}));
  if (rows->size() == 0) co_return no_such_file();
  co_return read_file(*rows, 0);
}

Async<Status> FileStore::forget(Uuid id) {
  AUTERITY_CO_CHECK(co_await database_.query({kForget, {to_text(id)}}));
  co_return Status{};
}

Async<Result<bool>> FileStore::bytes_are_held() { return data::objects_are_held(database_); }

Async<Result<std::vector<StoredFile>>> FileStore::removed(std::size_t limit) {
  AUTERITY_CO_TRY(rows, co_await database_.read({kRemoved, {std::to_string(limit)}}));
  co_return read_files(*rows);
}

}  // namespace auterity::api
