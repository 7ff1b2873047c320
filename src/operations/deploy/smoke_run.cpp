#include "operations/deploy/smoke_run.h"

#include <fmt/format.h>

#include <boost/json.hpp>

namespace auterity::operations {
namespace {

constexpr std::string_view kSmokeWorkflow = R"({
  "document": {"dsl": "1.0.1", "namespace": "auterity", "name": "smoke", "version": "1.0.0",
               "summary": "Run through a new release before it gets a request."},
  "do": [{"double": {"set": {"doubled": "${ [.numbers[] * 2] | add }"}}}]
})";
constexpr int kSmokeResult = 12;  // of 1, 2 and 3

}  // namespace

Async<Result<Json>> run_smoke_workflow(ReplicaClient replica, std::string token) {
  AUTERITY_CO_TRY(definition, parse_json(kSmokeWorkflow));
  AUTERITY_CO_TRY(workflow, co_await replica.post("/api/workflows", token, definition));
  const std::string id(string_or(find_member(workflow, "id"), ""));
  AUTERITY_CO_TRY(execution, co_await replica.post(
                                 fmt::format("/api/workflows/{}/execute", id), token,
                                 JsonObject{{"input", JsonObject{{"numbers", JsonArray{1, 2, 3}}}}},
                                 {{"Prefer", "wait=20"}}));
  const Json* doubled = find_pointer(execution, "/output/doubled");
  const std::string_view status = string_or(find_member(execution, "status"), "");
  if (status != "completed" || doubled == nullptr || *doubled != kSmokeResult)
    co_return fail(ErrorKind::failed,
                   fmt::format("the smoke workflow ended {} on {}: {}", status, replica.service(),
                               auterity::to_text(execution)),
                   "run it by hand: auterity run");
  co_return execution;
}

}  // namespace auterity::operations
