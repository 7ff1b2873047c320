#include "api/operations_view.h"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "data/run_blocking.h"
#include "operations/journal/file_journal.h"
#include "operations/journal/file_lock.h"
#include "operations/journal/operation_document.h"

namespace auterity::api {
namespace {

// What is known of a journal that cannot be read; the members of every other are there.
JsonObject describe_unreadable(const std::string& id) {
  JsonObject document = operations::summary_document({}, false);
  document["id"] = id;
  document["state"] = "unreadable";
  document["started_at"] = nullptr;
  document["failure"] = "its journal cannot be read; see the log of the API for why";
  return document;
}

struct Listing {
  OperationsPage page;
  std::vector<Error> unreadable;
};

// Reading files blocks: these run on a pool, with everything by value but the files, which outlive
// it.
Async<Result<Listing>> list_there(Files& files, Clock& clock, std::string folder,
                                  OperationsQuery query) {
  Listing listing;
  if (folder.empty() || !files.exists(folder)) co_return listing;
  operations::FileJournal journal(files, folder);
  const bool lock_held = operations::FileLock(files, clock, folder).is_held();
  AUTERITY_CO_TRY(ids, journal.ids());
  auto& [items, next] = listing.page;
  std::string last;
  for (auto id = ids.rbegin(); id != ids.rend(); ++id) {
    if (!is_operation_id(*id) || (!query.before.empty() && *id >= query.before)) continue;
    auto operation = journal.load(*id);
    if (!operation && operation.error().kind == ErrorKind::not_found) continue;
    if (items.size() == query.limit) {
      next = last;
      break;
    }
    if (!operation) listing.unreadable.push_back(std::move(operation).error());
    items.push_back(operation ? operations::summary_document(*operation, lock_held)
                              : describe_unreadable(*id));
    last = *id;
  }
  co_return listing;
}

Async<Result<JsonObject>> find_there(Files& files, Clock& clock, std::string folder,
                                     std::string id) {
  if (folder.empty() || !is_operation_id(id))
    co_return fail(ErrorKind::not_found, "there is no such operation",
                   "list them with GET /api/operations");
  operations::FileJournal journal(files, folder);
  AUTERITY_CO_TRY(operation, journal.load(id));
  co_return operations::operation_document(operation,
                                           operations::FileLock(files, clock, folder).is_held());
}

// Why a journal cannot be read names files of the machine: for the log, not for the caller.
Error keep_inside(Error error) {
  if (error.kind != ErrorKind::not_found) error.kind = ErrorKind::internal;
  return error;
}

class JournalView final : public OperationsView {
 public:
  JournalView(Files& files, Clock& clock, Log& log, std::string folder, Executor blocking)
      : files_(files),
        clock_(clock),
        log_(log),
        folder_(std::move(folder)),
        blocking_(std::move(blocking)) {}

  Async<Result<OperationsPage>> list(OperationsQuery query) override {
    auto listing = co_await data::run_on_pool(
        blocking_, list_there(files_, clock_, folder_, std::move(query)));
    if (!listing) co_return std::unexpected(keep_inside(std::move(listing).error()));
    for (const Error& error : listing->unreadable)
      log_.warning("api", "the journal of an operation cannot be read",
                   {{"reason", Json(error.message)}, {"hint", Json(error.hint)}});
    co_return std::move(listing->page);
  }
  Async<Result<JsonObject>> find(std::string id) override {
    auto operation =
        co_await data::run_on_pool(blocking_, find_there(files_, clock_, folder_, std::move(id)));
    if (!operation) co_return std::unexpected(keep_inside(std::move(operation).error()));
    co_return operation;
  }

 private:
  Files& files_;
  Clock& clock_;
  Log& log_;
  std::string folder_;
  Executor blocking_;
};

}  // namespace

bool is_operation_id(std::string_view text) {
  constexpr std::size_t kLongest = 128;
  return !text.empty() && text.size() <= kLongest && std::ranges::all_of(text, [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
           c == '_';
  });
}

std::unique_ptr<OperationsView> make_journal_view(Files& files, Clock& clock, Log& log,
                                                  std::string folder, Executor blocking) {
  return std::make_unique<JournalView>(files, clock, log, std::move(folder), std::move(blocking));
}

}  // namespace auterity::api
