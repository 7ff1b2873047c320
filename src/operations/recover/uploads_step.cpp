// Uploads and large payloads of a recovery: what the inventory of the files' backup lists is
// brought back, and then the database is asked which uploads it knows whose bytes are nowhere. What
// lies in the platform's store already and is the same stays; what the inventory does not know
// does, too.
#include <fmt/format.h>

#include <boost/json.hpp>
#include <set>

#include "core/digest.h"
#include "core/finally.h"
#include "data/database.h"
#include "operations/backup/uploads_inventory.h"
#include "operations/kept_step.h"
#include "operations/process_call.h"
#include "operations/recover/data_steps.h"
#include "operations/recover/recover_plan.h"

namespace auterity::operations {
namespace {

using backup::InventoryEntry;

constexpr data::Statement kKnown{
    "recover.files",
    "SELECT id, name, object_key, (extract(epoch FROM created_at) * 1000000)::bigint FROM files "
    "WHERE removed_at IS NULL ORDER BY created_at, id"};

class UploadsStep final : public KeptStep {
 public:
  explicit UploadsStep(RecoverWorld& world) : world_(world), context_(world.context) {}

  Async<Result<Observation>> observe() override {
    const auto text = context_.files.read(world_.evidence(kUploadsReport));
    if (!text) co_return Observation{false, "uploads are not back yet"};
    AUTERITY_CO_TRY(document, parse_json(*text, {.max_bytes = 1u << 30}));
    co_return Observation{true, std::string(string_or(find_member(document, "evidence"), ""))};
  }

  Async<Status> apply() override {
    AUTERITY_CO_CHECK(co_await world_.prepare());
    const auto store = data::open_folder_object_store(context_.layout.objects().string(),
                                                      world_.storage->blocking());
    std::size_t listed = 0;
    if (world_.files) {
      AUTERITY_CO_TRY(inventory,
                      co_await read_inventory(world_.storage->objects(), *world_.files->data));
      for (const InventoryEntry& entry : inventory)
        AUTERITY_CO_CHECK(co_await bring_back(*store, entry));
      listed = inventory.size();
    }
    AUTERITY_CO_CHECK(co_await give_to_services());
    AUTERITY_CO_TRY(missing, co_await find_missing(*store));
    co_return keep(listed, std::move(missing));
  }

 private:
  Async<Status> bring_back(data::ObjectStore& store, InventoryEntry entry) {
    if (co_await is_there(store, entry)) co_return Status{};
    AUTERITY_CO_TRY(
        reader, co_await world_.storage->objects().open_reader(entry.copy.key, entry.copy.sha256));
    AUTERITY_CO_TRY(writer, co_await store.open_writer(entry.key));
    Sha256 digest;
    for (;;) {
      auto piece = co_await reader->read();
      if (!piece) co_return std::unexpected(std::move(piece.error()).within(entry.key));
      if (piece->empty()) break;
      digest.add(*piece);
      AUTERITY_CO_CHECK(co_await writer->write(*piece));
    }
    if (digest.hex() != entry.sha256)
      co_return fail(ErrorKind::failed,
                     fmt::format("the copy of {} is not what was uploaded", entry.key),
                     "begin anew with another backup: auterity backup list");
    AUTERITY_CO_CHECK(co_await writer->finish());
    co_return Status{};
  }

  // A look at its bytes: the disk that it lies on may be why there is a recovery.
  static Async<bool> is_there(data::ObjectStore& store, const InventoryEntry& entry) {
    auto reader = co_await store.open_reader(entry.key);
    if (!reader || (*reader)->info().size != entry.copy.size) co_return false;
    Sha256 digest;
    for (;;) {
      const auto piece = co_await (*reader)->read();
      if (!piece) co_return false;
      if (piece->empty()) co_return digest.hex() == entry.sha256;
      digest.add(*piece);
    }
  }

  Async<Status> give_to_services() {
    if (!world_.platform.drops_privileges) co_return Status{};
    co_return co_await call(context_.processes,
                            {"chown", "--recursive", world_.platform.service_user + ":",
                             context_.layout.objects().string()});
  }

  Async<Result<JsonArray>> find_missing(data::ObjectStore& store) {
    const auto database =
        data::open_database(context_.executor, context_.clock, context_.log,
                            {.url = world_.platform.maintenance_database_url("auterity"),
                             .application_name = "auterity-recover",
                             .max_connections = 1});
    AUTERITY_CO_TRY(rows, co_await finally(database->read({kKnown, {}}), database->close()));
    JsonArray missing;
    for (std::size_t row = 0; row < rows->size(); ++row) {
      const auto found = co_await store.head(std::string(rows->text(row, 2)));
      if (found) continue;
      if (found.error().kind != ErrorKind::not_found) co_return std::unexpected(found.error());
      const Time at = from_epoch_microseconds(std::stoll(std::string(rows->text(row, 3))));
      missing.push_back(JsonObject{{"id", rows->text(row, 0)},
                                   {"name", rows->text(row, 1)},
                                   {"created_at", to_rfc3339(at)}});
    }
    co_return missing;
  }

  Status keep(std::size_t listed, JsonArray missing) {
    std::string evidence = fmt::format("{} objects are back", listed);
    if (!missing.empty())
      evidence +=
          fmt::format("; the bytes of {} later uploads are lost, the oldest of {}", missing.size(),
                      string_or(find_member(missing.front(), "created_at"), ""));
    const JsonObject document{
        {"evidence", std::move(evidence)}, {"restored", listed}, {"missing", std::move(missing)}};
    AUTERITY_CHECK(context_.files.create_directories(world_.evidence("")));
    return context_.files.write_atomically(world_.evidence(kUploadsReport),
                                           to_pretty_text(Json(document)) + "\n");
  }

  RecoverWorld& world_;
  LocalContext& context_;
};

}  // namespace

std::unique_ptr<Step> make_uploads_step(RecoverWorld& world, const std::string& name) {
  if (name == recover_steps::kUploads) return std::make_unique<UploadsStep>(world);
  return nullptr;
}

}  // namespace auterity::operations
