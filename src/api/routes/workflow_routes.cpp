// /api/workflows: publishing, reading and removing definitions.
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "api/entity_tag.h"
#include "api/paging.h"
#include "api/problem.h"
#include "api/routes/route_groups.h"
#include "api/services.h"
#include "core/digest.h"
#include "engine/expression/definition_check.h"
#include "engine/store/workflow_store.h"

namespace auterity::api {
namespace {

using engine::DefinitionPtr;
using engine::PublishOutcome;
using engine::WorkflowView;

JsonObject summarize(const WorkflowView& workflow) {
  return {{"id", to_text(workflow.id)},
          {"namespace", workflow.name_space},
          {"name", workflow.name},
          {"version", workflow.version},
          {"title", workflow.title},
          {"summary", workflow.summary},
          {"checksum", workflow.checksum},
          {"created_at", to_rfc3339(workflow.created_at)},
          {"created_by", workflow.created_by}};
}

JsonObject describe(const WorkflowView& workflow) {
  JsonObject document = summarize(workflow);
  document["definition"] = workflow.definition;
  return document;
}

// nullptr: refused, with every problem in the answer.
Async<Result<DefinitionPtr>> read_definition(Services& services, Exchange& exchange) {
  AUTERITY_CO_TRY(checked,
                  co_await engine::check_definition(services.evaluator, exchange.request.body));
  if (checked.problems.empty()) co_return std::move(checked.definition);
  JsonArray problems;
  for (const engine::Problem& problem : checked.problems)
    problems.push_back(JsonObject{
        {"line", problem.line}, {"pointer", problem.pointer}, {"message", problem.message}});
  Problem problem =
      problem_of({ErrorKind::invalid_input, "the workflow definition is not valid",
                  "mend what `problems` lists; auterity validate FILE shows the same"});
  problem.members["problems"] = std::move(problems);
  answer_problem(exchange, problem);
  co_return nullptr;
}

void answer_published(Exchange& exchange, const PublishOutcome& outcome) {
  exchange.response.add_header("Location", "/api/workflows/" + to_text(outcome.workflow.id));
  answer_json(exchange, outcome.created ? 201 : 200, describe(outcome.workflow));
}

Async<Status> list_workflows(Services& services, Exchange& exchange) {
  AUTERITY_CO_TRY(page, read_page(exchange.request));
  AUTERITY_CO_TRY(workflows, co_await services.workflows.list(page.before, page.limit));
  JsonArray items;
  for (const WorkflowView& workflow : workflows) items.push_back(summarize(workflow));
  answer_page(exchange, std::move(items), page, workflows.empty() ? Uuid{} : workflows.back().id);
  co_return Status{};
}

Async<Status> publish_workflow(Services& services, Exchange& exchange) {
  AUTERITY_CO_TRY(definition, co_await read_definition(services, exchange));
  if (!definition) co_return Status{};
  AUTERITY_CO_TRY(outcome, co_await services.workflows.publish(std::move(definition),
                                                               exchange.principal->user_id_text));
  answer_published(exchange, outcome);
  co_return Status{};
}

Async<Status> show_workflow(Services& services, Exchange& exchange) {
  AUTERITY_CO_TRY(id, read_id(exchange));
  AUTERITY_CO_TRY(workflow, co_await services.workflows.find(id));
  answer_json(exchange, 200, describe(workflow));
  if (answer_unchanged(exchange, sha256_hex(exchange.response.body)))
    exchange.response.body.clear();
  co_return Status{};
}

// A published version never changes, so that putting a document publishes the next version of the
// same workflow.
Async<Status> put_workflow(Services& services, Exchange& exchange) {
  AUTERITY_CO_TRY(id, read_id(exchange));
  AUTERITY_CO_TRY(definition, co_await read_definition(services, exchange));
  if (!definition) co_return Status{};
  AUTERITY_CO_TRY(current, co_await services.workflows.find(id));
  if (definition->name_space != current.name_space || definition->name != current.name)
    co_return fail(ErrorKind::conflict, "the document is another workflow than the one in the path",
                   "keep document.namespace and document.name, or publish it with POST");
  AUTERITY_CO_TRY(outcome, co_await services.workflows.publish(std::move(definition),
                                                               exchange.principal->user_id_text));
  answer_published(exchange, outcome);
  co_return Status{};
}

Async<Status> remove_workflow(Services& services, Exchange& exchange) {
  AUTERITY_CO_TRY(id, read_id(exchange));
  AUTERITY_CO_CHECK(co_await services.workflows.remove(id));
  exchange.response.status = 204;
  co_return Status{};
}

Async<Status> list_versions(Services& services, Exchange& exchange) {
  AUTERITY_CO_TRY(id, read_id(exchange));
  AUTERITY_CO_TRY(versions, co_await services.workflows.versions(id));
  JsonArray items;
  for (const WorkflowView& workflow : versions) items.push_back(summarize(workflow));
  answer_json(exchange, 200, JsonObject{{"items", std::move(items)}, {"next_cursor", nullptr}});
  co_return Status{};
}

}  // namespace

std::vector<Route> workflow_routes() {
  return {
      {.method = Method::get,
       .path = "/api/workflows",
       .permission = Permission::view,
       .name = "listWorkflows",
       .tag = "workflows",
       .summary = "Published workflows, newest first",
       .answer = list_workflows,
       .parameters = page_parameters(),
       .answers = {{200, "A page.", "WorkflowPage"}}},
      {.method = Method::post,
       .path = "/api/workflows",
       .permission = Permission::edit,
       .name = "publishWorkflow",
       .tag = "workflows",
       .summary = "Publish a definition, as JSON or YAML",
       .answer = publish_workflow,
       .body = BodyKind::definition,
       .request_schema = "Definition",
       .answers = {{201, "Published.", "Workflow"},
                   {200, "An identical one was published before.", "Workflow"}}},
      {.method = Method::get,
       .path = "/api/workflows/{id}",
       .permission = Permission::view,
       .name = "getWorkflow",
       .tag = "workflows",
       .summary = "One version with its definition",
       .answer = show_workflow,
       .parameters = {{"If-None-Match", "header", "ETag of the copy that the caller holds."}},
       .answers = {{200, "The workflow.", "Workflow"}, {304, "It is what the caller holds.", ""}}},
      {.method = Method::put,
       .path = "/api/workflows/{id}",
       .permission = Permission::edit,
       .name = "putWorkflow",
       .tag = "workflows",
       .summary = "Publish another version of this workflow; published versions never change",
       .answer = put_workflow,
       .body = BodyKind::definition,
       .request_schema = "Definition",
       .answers = {{201, "Published as a version of its own.", "Workflow"},
                   {200, "It is what was published already.", "Workflow"}}},
      {.method = Method::delete_,
       .path = "/api/workflows/{id}",
       .permission = Permission::edit,
       .name = "removeWorkflow",
       .tag = "workflows",
       .summary = "Hide it from lists and new starts; running executions go on",
       .answer = remove_workflow,
       .answers = {{204, "Removed.", ""}}},
      {.method = Method::get,
       .path = "/api/workflows/{id}/versions",
       .permission = Permission::view,
       .name = "listVersions",
       .tag = "workflows",
       .summary = "All versions of this workflow",
       .answer = list_versions,
       .answers = {{200, "The versions.", "WorkflowPage"}}},
  };
}

}  // namespace auterity::api
