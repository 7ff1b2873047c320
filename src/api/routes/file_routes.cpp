// /api/files: uploads, streamed to the object store and back without being held in memory.
#include <fmt/format.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <iterator>

#include "api/entity_tag.h"
#include "api/files/file_store.h"
#include "api/paging.h"
#include "api/routes/route_groups.h"
#include "api/services.h"
#include "core/digest.h"
#include "data/object_store.h"

namespace auterity::api {
namespace {

JsonObject describe(const StoredFile& file) {
  return {{"id", to_text(file.id)},
          {"name", file.name},
          {"content_type", file.content_type},
          {"size", file.size},
          {"sha256", file.sha256},
          {"created_by", file.created_by},
          {"created_at", to_rfc3339(file.created_at)}};
}

bool is_plain(std::string_view text, std::size_t most) {
  if (text.empty() || text.size() > most) return false;
  for (char c : text)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) return false;
  return true;
}

Result<StoredFile> new_file(Services& services, const Exchange& exchange) {
  const auto name = exchange.request.query_parameter("name");
  if (!name || !is_plain(*name, 255))
    return fail(ErrorKind::invalid_input,
                "the query parameter name is missing, too long or holds control characters",
                "POST /api/files?name=NAME with 1 to 255 bytes, percent-encoded");
  const auto type = exchange.request.header("Content-Type");
  StoredFile file;
  file.created_at = services.clock.now();
  file.id = make_uuid(file.created_at, services.random);
  file.name = *name;
  file.content_type =
      type && is_plain(*type, 255) ? std::string(*type) : "application/octet-stream";
  file.object_key = "files/" + to_text(file.id);
  file.created_by = exchange.principal->user_id_text;
  return file;
}

// Fills in size and digest. Anything that goes wrong leaves no object behind (ObjectWriter).
Async<Status> receive(Services& services, BodyReader& body, StoredFile& file) {
  AUTERITY_CO_TRY(writer, co_await services.objects.open_writer(file.object_key));
  Sha256 digest;
  while (true) {
    AUTERITY_CO_TRY(piece, co_await body.read());
    if (piece.empty()) break;
    digest.add(piece);
    file.size += piece.size();
    AUTERITY_CO_CHECK(co_await writer->write(piece));
  }
  AUTERITY_CO_CHECK(co_await writer->finish());
  file.sha256 = digest.hex();
  co_return Status{};
}

Async<Status> upload(Services& services, Exchange& exchange) {
  AUTERITY_CO_TRY(file, new_file(services, exchange));
  AUTERITY_CO_CHECK(co_await receive(services, *exchange.request.stream, file));
  const Status added = co_await services.files.add(file);
  if (!added) {
    // Without a row nobody can reach the bytes.
    const Status ignored = co_await services.objects.remove(file.object_key);
    co_return added;
  }
  exchange.response.add_header("Location", "/api/files/" + to_text(file.id));
  answer_json(exchange, 201, describe(file));
  co_return Status{};
}

Async<Status> list_files(Services& services, Exchange& exchange) {
  AUTERITY_CO_TRY(page, read_page(exchange.request));
  AUTERITY_CO_TRY(files, co_await services.files.list(page.before, page.limit));
  JsonArray items;
  for (const StoredFile& file : files) items.push_back(describe(file));
  answer_page(exchange, std::move(items), page, files.empty() ? Uuid{} : files.back().id);
  co_return Status{};
}

class ObjectSource final : public BodySource {
 public:
  explicit ObjectSource(std::unique_ptr<data::ObjectReader> reader) : reader_(std::move(reader)) {}
  Async<Result<std::string>> read() override { return reader_->read(); }

 private:
  std::unique_ptr<data::ObjectReader> reader_;
};

// RFC 6266: the name percent-encoded, so that no character of it can end the header.
std::string content_disposition(std::string_view name) {
  std::string encoded;
  for (char c : name) {
    const bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                       c == '.' || c == '-' || c == '_';
    if (plain)
      encoded += c;
    else
      fmt::format_to(std::back_inserter(encoded), "%{:02X}", static_cast<unsigned char>(c));
  }
  return "attachment; filename*=UTF-8''" + encoded;
}

Async<Status> download(Services& services, Exchange& exchange) {
  AUTERITY_CO_TRY(id, read_id(exchange));
  AUTERITY_CO_TRY(file, co_await services.files.find(id));
  if (answer_unchanged(exchange, file.sha256)) co_return Status{};
  AUTERITY_CO_TRY(reader, co_await services.objects.open_reader(file.object_key));
  Response& response = exchange.response;
  response.content_type = "application/octet-stream";
  response.own_content_type = file.content_type;
  response.add_header("Content-Disposition", content_disposition(file.name));
  response.stream_size = reader->info().size;
  response.stream = std::make_unique<ObjectSource>(std::move(reader));
  co_return Status{};
}

Async<Status> remove_file(Services& services, Exchange& exchange) {
  AUTERITY_CO_TRY(id, read_id(exchange));
  AUTERITY_CO_TRY(file, co_await services.files.remove(id, services.clock.now()));
  exchange.response.status = 204;
  // Gone for callers; bytes that cannot be removed now are removed by the duty (file_sweep.h).
  const auto held = co_await services.files.bytes_are_held();
  if (held && !*held && co_await services.objects.remove(file.object_key)) {
    const Status ignored = co_await services.files.forget(id);
  }
  co_return Status{};
}

}  // namespace

std::vector<Route> file_routes() {
  return {
      {.method = Method::post,
       .path = "/api/files",
       .permission = Permission::edit,
       .name = "uploadFile",
       .tag = "files",
       .summary = "Upload a file: the body is its content",
       .answer = upload,
       .body = BodyKind::bytes,
       .parameters = {{"name", "query", "The file's name.",
                       R"({"type":"string","minLength":1,"maxLength":255})", true}},
       .answers = {{201, "Stored.", "File"}}},
      {.method = Method::get,
       .path = "/api/files",
       .permission = Permission::view,
       .name = "listFiles",
       .tag = "files",
       .summary = "Uploaded files, newest first",
       .answer = list_files,
       .parameters = page_parameters(),
       .answers = {{200, "A page.", "FilePage"}}},
      {.method = Method::get,
       .path = "/api/files/{id}",
       .permission = Permission::view,
       .name = "downloadFile",
       .tag = "files",
       .summary = "The bytes of a file",
       .answer = download,
       .answers = {{200, "The content, with the type it was uploaded with.", "Bytes",
                    "application/octet-stream"},
                   {304, "If-None-Match names the current content.", ""}}},
      {.method = Method::delete_,
       .path = "/api/files/{id}",
       .permission = Permission::edit,
       .name = "removeFile",
       .tag = "files",
       .summary = "Remove a file",
       .answer = remove_file,
       .answers = {{204, "Removed.", ""}}},
  };
}

}  // namespace auterity::api
