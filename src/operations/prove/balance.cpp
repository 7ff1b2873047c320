#include "operations/prove/balance.h"

#include <fmt/format.h>

#include <array>
#include <boost/json.hpp>

#include "core/digest.h"
#include "core/join_all.h"

namespace auterity::operations {
namespace {

constexpr Duration kLimit = std::chrono::minutes(2);
constexpr Duration kPoll = std::chrono::milliseconds(200);
constexpr int kClients = 8;
constexpr std::array<std::string_view, 3> kUnderWay{"pending", "running", "waiting"};

}  // namespace

Async<void> Balance::settle() {
  Status found = co_await wait_for_ends();
  // Executions that hang count as what they are, so they are looked at all the same.
  const Status listed = co_await find_executions();
  if (listed)
    world_.books.balance(world_.report);
  else
    found = listed;
  if (!found) world_.report.unbalanced = found.error().message;
  co_await settle_uploads();
  co_await remove_workflow();
}

Async<Result<Json>> Balance::page(std::string query) {
  const auto answer = co_await client_.call(
      {.what = "list executions",
       .method = "GET",
       .target = fmt::format("/api/executions?workflow_id={}&{}", world_.workflow_id, query)});
  if (!answer) co_return std::unexpected(answer.error());
  auto document = parse_json(answer->body);
  const Json* items = document ? find_member(*document, "items") : nullptr;
  if (items == nullptr || !items->is_array())
    co_return fail(ErrorKind::failed, fmt::format("listing executions answered {} {}",
                                                  answer->status, answer->body.substr(0, 200)));
  co_return std::move(*document);
}

Async<Status> Balance::wait_for_ends() {
  const Duration limit = world_.clock.monotonic() + kLimit;
  for (const std::string_view status : kUnderWay)
    for (;;) {
      AUTERITY_CO_TRY(found, co_await page(fmt::format("limit=1&status={}", status)));
      if (find_member(found, "items")->get_array().empty()) break;
      if (world_.clock.monotonic() > limit)
        co_return fail(ErrorKind::timeout,
                       fmt::format("there are executions {} two minutes after the load", status));
      co_await world_.clock.sleep(kPoll);
    }
  co_return Status{};
}

Async<Status> Balance::find_executions() {
  std::string cursor;
  do {
    AUTERITY_CO_TRY(found, co_await page("limit=200" + cursor));
    for (const Json& execution : find_member(found, "items")->get_array())
      world_.books.found(execution);
    const std::string_view next = string_or(find_member(found, "next_cursor"), "");
    cursor = next.empty() ? "" : fmt::format("&cursor={}", next);
  } while (!cursor.empty());
  co_return Status{};
}

Async<void> Balance::settle_uploads() {
  world_.report.uploads.acknowledged = world_.books.uploads().size();
  TaskGroup clients(executor_, "uploads", [this](std::string_view, std::exception_ptr) {
    world_.report.unbalanced = "comparing uploads ended by an exception";
  });
  for (int client = 0; client < kClients; ++client) clients.spawn("compare", settle_next_uploads());
  co_await join_all(clients);
  if (files_left_ > 0)
    world_.report.left.push_back(fmt::format("{} files named prove-{}-…", files_left_, world_.run));
}

Async<void> Balance::settle_next_uploads() {
  LoadClient client(executor_, world_);
  while (next_upload_ < world_.books.uploads().size()) {
    const Books::Upload upload = world_.books.uploads()[next_upload_++];
    const auto answer = co_await client.call(
        {.what = "compare an upload", .method = "GET", .target = "/api/files/" + upload.id});
    if (!answer || answer->status != 200 || sha256_hex(answer->body) != upload.sha256) {
      ++world_.report.uploads.lost;
      world_.report.add_problem("a file that was acknowledged is not there, or holds other bytes");
    }
    const auto removed = co_await client.call(
        {.what = "remove a file", .method = "DELETE", .target = "/api/files/" + upload.id});
    if (!removed || removed->status != 204) ++files_left_;
  }
}

Async<void> Balance::remove_workflow() {
  const auto removed = co_await client_.call({.what = "remove the workflow",
                                              .method = "DELETE",
                                              .target = "/api/workflows/" + world_.workflow_id});
  if (!removed || removed->status != 204)
    world_.report.left.push_back(fmt::format("workflow prove-deploy {}", world_.workflow_id));
  if (world_.report.executions.acknowledged > 0)
    world_.report.left.push_back(
        fmt::format("{} executions of workflow {} with their history, which nothing removes",
                    world_.report.executions.acknowledged, world_.workflow_id));
}

}  // namespace auterity::operations
