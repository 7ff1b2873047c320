#include "api/operations_view.h"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "operations/file_journal.h"

namespace auterity::api {
namespace {

using operations::OperationHistory;

Json optional_time(const std::optional<Time>& time) {
  return time ? Json(to_rfc3339(*time)) : Json();
}

JsonObject summarize(const OperationHistory& operation) {
  return {{"id", operation.id},
          {"kind", operation.plan.operation},
          {"environment", operation.plan.environment},
          {"state", operation.state_name()},
          {"who", operation.attribution.who},
          {"why", operation.attribution.why},
          {"started_at", to_rfc3339(operation.started_at)},
          {"finished_at", optional_time(operation.finished_at)},
          {"failure", operation.failure}};
}

JsonObject describe(const OperationHistory& operation) {
  JsonObject document = summarize(operation);
  JsonArray steps;
  for (const operations::StepHistory& step : operation.steps)
    steps.push_back(JsonObject{{"name", step.planned.name},
                               {"description", step.planned.description},
                               {"state", operations::name_of(step.state)},
                               {"evidence", step.text},
                               {"at", optional_time(step.at)}});
  document["steps"] = std::move(steps);
  return document;
}

// Reading files blocks: these run on a pool, with everything by value but the files, which outlive
// it.
Async<Result<JsonArray>> list_there(Files& files, std::string folder, std::string kind_prefix,
                                    std::size_t limit) {
  if (folder.empty() || !files.exists(folder)) co_return JsonArray{};
  operations::FileJournal journal(files, folder);
  AUTERITY_CO_TRY(all, journal.list());
  JsonArray items;
  for (auto operation = all.rbegin(); operation != all.rend() && items.size() < limit; ++operation)
    if (operation->plan.operation.starts_with(kind_prefix)) items.push_back(summarize(*operation));
  co_return items;
}

Async<Result<JsonObject>> find_there(Files& files, std::string folder, std::string id) {
  const bool plain = !id.empty() && id.size() <= 128 && std::ranges::all_of(id, [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
           c == '_';
  });
  if (folder.empty() || !plain)
    co_return fail(ErrorKind::not_found, "there is no such operation",
                   "list them with GET /api/operations");
  operations::FileJournal journal(files, folder);
  AUTERITY_CO_TRY(operation, journal.load(id));
  co_return describe(operation);
}

// Why a journal cannot be read names files of the machine: for the log, not for the caller.
Error keep_inside(Error error) {
  if (error.kind != ErrorKind::not_found) error.kind = ErrorKind::internal;
  return error;
}

class JournalView final : public OperationsView {
 public:
  JournalView(Files& files, std::string folder, Executor blocking)
      : files_(files), folder_(std::move(folder)), blocking_(std::move(blocking)) {}

  Async<Result<JsonArray>> list(std::string kind_prefix, std::size_t limit) override {
    auto items = co_await boost::asio::co_spawn(
        blocking_, list_there(files_, folder_, std::move(kind_prefix), limit),
        boost::asio::use_awaitable);
    if (!items) co_return std::unexpected(keep_inside(std::move(items).error()));
    co_return items;
  }
  Async<Result<JsonObject>> find(std::string id) override {
    auto operation = co_await boost::asio::co_spawn(
        blocking_, find_there(files_, folder_, std::move(id)), boost::asio::use_awaitable);
    if (!operation) co_return std::unexpected(keep_inside(std::move(operation).error()));
    co_return operation;
  }

 private:
  Files& files_;
  std::string folder_;
  Executor blocking_;
};

}  // namespace

std::unique_ptr<OperationsView> make_journal_view(Files& files, std::string folder,
                                                  Executor blocking) {
  return std::make_unique<JournalView>(files, std::move(folder), std::move(blocking));
}

}  // namespace auterity::api
