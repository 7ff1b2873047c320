#include "engine/store/postgres_workflow_store.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "core/digest.h"
#include "core/semantic_version.h"
#include "engine/definition/parser.h"
#include "engine/store/execution_records.h"

namespace auterity::engine {
namespace {

namespace asio = boost::asio;
using data::Rows;
using data::Statement;

constexpr std::size_t kMaxPage = 1000;
constexpr ParserLimits kStoredLimits{.max_bytes = 8u << 20};

#define SUMMARY_COLUMNS                                                                           \
  "w.id, w.namespace, w.name, w.version, w.title, w.summary, w.checksum, " AUTERITY_MICROSECONDS( \
      "w.created_at") ", w.created_by"
#define WORKFLOW_COLUMNS SUMMARY_COLUMNS ", w.definition"

constexpr Statement kPublish{
    "workflows.publish",
    "WITH published AS (INSERT INTO workflows (id, namespace, name, version, title, summary,"
    " definition, checksum, created_at, created_by) VALUES ($1::uuid, $2, $3, $4, $5, $6, $7, $8,"
    " $9::timestamptz, $10) ON CONFLICT (namespace, name, version) DO NOTHING"
    " RETURNING id, created_at), scheduled AS (INSERT INTO schedules (workflow_id, anchor_at)"
    " SELECT id, created_at FROM published WHERE $11::boolean) SELECT id FROM published"};

// Its schedule counts anew from now: what fell into the time of its absence was not missed.
constexpr Statement kPublishAgain{
    "workflows.publish_again",
    "WITH again AS (UPDATE workflows SET removed_at = NULL WHERE id = $1::uuid"
    " AND removed_at IS NOT NULL RETURNING id) UPDATE schedules s SET anchor_at = $2::timestamptz,"
    " last_fire_at = NULL, last_execution_id = NULL FROM again WHERE s.workflow_id = again.id"};

constexpr Statement kFind{"workflows.find", "SELECT " WORKFLOW_COLUMNS
                                            " FROM workflows w WHERE w.id = $1::uuid"
                                            " AND w.removed_at IS NULL"};
constexpr Statement kFindVersion{"workflows.find_version",
                                 "SELECT " WORKFLOW_COLUMNS
                                 " FROM workflows w WHERE w.namespace = $1 AND w.name = $2"
                                 " AND w.version = $3"};
constexpr Statement kNamed{"workflows.named", "SELECT " WORKFLOW_COLUMNS
                                              " FROM workflows w WHERE w.namespace = $1"
                                              " AND w.name = $2 AND w.removed_at IS NULL"};
constexpr Statement kList{"workflows.list",
                          "SELECT " SUMMARY_COLUMNS
                          " FROM workflows w WHERE w.id < $1::uuid AND w.removed_at IS NULL"
                          " ORDER BY w.id DESC LIMIT $2::bigint"};
constexpr Statement kDefinition{
    "workflows.definition",
    "SELECT definition, removed_at IS NOT NULL FROM workflows WHERE id = $1::uuid"};
constexpr Statement kIsRemoved{"workflows.is_removed",
                               "SELECT removed_at IS NOT NULL FROM workflows WHERE id = $1::uuid"};
constexpr Statement kRemove{"workflows.remove",
                            "UPDATE workflows SET removed_at = $2::timestamptz"
                            " WHERE id = $1::uuid AND removed_at IS NULL"};

// Of SUMMARY_COLUMNS: everything but the definition.
Result<WorkflowView> read_summary(const Rows& rows, std::size_t row) {
  auto id = parse_uuid(rows.text(row, 0));
  if (!id) return fail(ErrorKind::internal, "a stored workflow has no id", "report this");
  WorkflowView view{.id = *id};
  view.name_space = rows.text(row, 1);
  view.name = rows.text(row, 2);
  view.version = rows.text(row, 3);
  view.title = rows.text(row, 4);
  view.summary = rows.text(row, 5);
  view.checksum = rows.text(row, 6);
  view.created_at = from_epoch_microseconds(number_at(rows, row, 7));
  view.created_by = rows.text(row, 8);
  return view;
}

Result<WorkflowView> read_workflow(const Rows& rows, std::size_t row) {
  AUTERITY_TRY(view, read_summary(rows, row));
  AUTERITY_TRY(definition, stored_json(rows.text(row, 9)));
  view.definition = std::move(definition);
  return view;
}

Result<std::vector<WorkflowView>> read_all(const Rows& rows,
                                           Result<WorkflowView> (*read_row)(const Rows&,
                                                                            std::size_t)) {
  std::vector<WorkflowView> views;
  views.reserve(rows.size());
  for (std::size_t row = 0; row < rows.size(); ++row) {
    AUTERITY_TRY(view, read_row(rows, row));
    views.push_back(std::move(view));
  }
  return views;
}

std::unexpected<Error> no_workflow(std::string_view what) {
  return fail(ErrorKind::not_found, fmt::format("no workflow {}", what),
              "list workflows to find the right one, or publish it");
}
std::unexpected<Error> no_workflow(const Uuid& id) {
  return no_workflow("has the id " + to_text(id));
}

// Newest version first. Every stored version was checked when it was published.
void sort_by_version(std::vector<WorkflowView>& views) {
  std::ranges::sort(views, [](const WorkflowView& left, const WorkflowView& right) {
    return parse_semantic_version(left.version) > parse_semantic_version(right.version);
  });
}

}  // namespace

// Announces a load to those who want the same, and its end, however it ends.
class PostgresWorkflowStore::Loading {
 public:
  Loading(PostgresWorkflowStore& store, const Uuid& id)
      : store_(store),
        id_(id),
        ended_(std::make_shared<asio::steady_timer>(store.executor_,
                                                    asio::steady_timer::time_point::max())) {
    store_.loading_.emplace(id_, ended_);
  }
  Loading(const Loading&) = delete;
  Loading& operator=(const Loading&) = delete;
  ~Loading() {
    store_.loading_.erase(id_);
    ended_->cancel();
  }

 private:
  PostgresWorkflowStore& store_;
  Uuid id_;
  std::shared_ptr<asio::steady_timer> ended_;
};

PostgresWorkflowStore::PostgresWorkflowStore(Executor executor, data::Database& database,
                                             Clock& clock, Random& random,
                                             WorkflowStoreOptions options)
    : executor_(executor),
      database_(database),
      clock_(clock),
      random_(random),
      options_(options),
      cache_(options.max_cached, options.max_cached_bytes) {}

Async<Result<PublishOutcome>> PostgresWorkflowStore::publish(DefinitionPtr definition,
                                                             std::string user_id) {
  WorkflowView view{.id = make_uuid(clock_.now(), random_)};
  view.name_space = definition->name_space;
  view.name = definition->name;
  view.version = definition->version;
  view.title = definition->title;
  view.summary = definition->summary;
  view.definition = definition->source;
  view.checksum = sha256_hex(to_canonical_text(definition->source));
  view.created_at = clock_.now();
  view.created_by = std::move(user_id);
  AUTERITY_CO_TRY(
      rows, co_await database_.query({kPublish,
                                      {to_text(view.id), view.name_space, view.name, view.version,
                                       view.title, view.summary, auterity::to_text(view.definition),
                                       view.checksum, to_rfc3339(view.created_at), view.created_by,
                                       definition->schedule ? "true" : "false"}}));
  if (rows->size() == 0)
    co_return co_await publish_again(std::move(definition), std::move(view.checksum));
  co_return PublishOutcome{.workflow = std::move(view), .created = true};
}

Async<Result<PublishOutcome>> PostgresWorkflowStore::publish_again(DefinitionPtr definition,
                                                                   std::string checksum) {
  AUTERITY_CO_TRY(
      rows, co_await database_.read(
                {kFindVersion, {definition->name_space, definition->name, definition->version}}));
  if (rows->size() == 0)
    co_return fail(ErrorKind::try_again, "the workflow changed while it was published",
                   "publish it again");
  AUTERITY_CO_TRY(view, read_workflow(*rows, 0));
  if (view.checksum != checksum)
    co_return fail(ErrorKind::conflict,
                   fmt::format("{}/{} version {} is published with another definition",
                               view.name_space, view.name, view.version),
                   "raise document.version; a published version never changes");
  AUTERITY_CO_CHECK(
      co_await database_.query({kPublishAgain, {to_text(view.id), to_rfc3339(clock_.now())}}));
  cache_.erase(view.id);
  co_return PublishOutcome{.workflow = std::move(view), .created = false};
}

Async<Result<WorkflowView>> PostgresWorkflowStore::find(Uuid id) {
  AUTERITY_CO_TRY(rows, co_await database_.read({kFind, {to_text(id)}}));
  if (rows->size() == 0) co_return no_workflow(id);
  co_return read_workflow(*rows, 0);
}

Async<Result<std::vector<WorkflowView>>> PostgresWorkflowStore::named(std::string name_space,
                                                                      std::string name) {
  AUTERITY_CO_TRY(rows,
                  co_await database_.read({kNamed, {std::move(name_space), std::move(name)}}));
  AUTERITY_CO_TRY(views, read_all(*rows, read_workflow));
  sort_by_version(views);
  co_return views;
}

Async<Result<WorkflowView>> PostgresWorkflowStore::find_by_name(std::string name_space,
                                                                std::string name,
                                                                std::string version) {
  AUTERITY_CO_TRY(views, co_await named(name_space, name));
  for (WorkflowView& view : views)
    if (version == "latest" || view.version == version) co_return std::move(view);
  co_return no_workflow(fmt::format("is named {}/{} with version {}", name_space, name, version));
}

Async<Result<std::vector<WorkflowView>>> PostgresWorkflowStore::list(std::optional<Uuid> before,
                                                                     std::size_t limit) {
  AUTERITY_CO_TRY(
      rows, co_await database_.read(
                {kList,
                 {before ? to_text(*before) : std::string("ffffffff-ffff-ffff-ffff-ffffffffffff"),
                  std::to_string(std::clamp<std::size_t>(limit, 1, kMaxPage))}}));
  co_return read_all(*rows, read_summary);
}

Async<Result<std::vector<WorkflowView>>> PostgresWorkflowStore::versions(Uuid id) {
  AUTERITY_CO_TRY(view, co_await find(id));
  co_return co_await named(std::move(view.name_space), std::move(view.name));
}

Async<Status> PostgresWorkflowStore::remove(Uuid id) {
  AUTERITY_CO_TRY(rows,
                  co_await database_.query({kRemove, {to_text(id), to_rfc3339(clock_.now())}}));
  if (rows->affected() == 0) co_return no_workflow(id);
  cache_.erase(id);
  co_return Status();
}

Async<Result<DefinitionPtr>> PostgresWorkflowStore::definition(Uuid id) {
  AUTERITY_CO_TRY(found, co_await entry(id));
  co_return std::move(found.definition);
}

Async<Result<DefinitionPtr>> PostgresWorkflowStore::definition_to_start(Uuid id) {
  AUTERITY_CO_TRY(found, co_await entry(id));
  if (clock_.monotonic() - found.checked_at >= options_.removal_seen_within) {
    AUTERITY_CO_TRY(rows, co_await database_.read({kIsRemoved, {to_text(id)}}));
    found.removed = rows->size() == 0 || rows->text(0, 0) == "t";
    found.checked_at = clock_.monotonic();
    if (Entry* cached = cache_.find(id)) *cached = found;
  }
  if (found.removed) co_return no_workflow(id);
  co_return std::move(found.definition);
}

Async<Result<PostgresWorkflowStore::Entry>> PostgresWorkflowStore::entry(Uuid id) {
  while (true) {
    if (Entry* cached = cache_.find(id)) co_return *cached;
    auto under_way = loading_.find(id);
    if (under_way == loading_.end()) break;
    auto ended = under_way->second;
    boost::system::error_code cancelled;
    co_await ended->async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
  }
  Loading loading(*this, id);
  co_return co_await load(id);
}

Async<Result<PostgresWorkflowStore::Entry>> PostgresWorkflowStore::load(Uuid id) {
  const Duration asked_at = clock_.monotonic();
  AUTERITY_CO_TRY(rows, co_await database_.read({kDefinition, {to_text(id)}}));
  if (rows->size() == 0) co_return no_workflow(id);
  const std::string_view text = rows->text(0, 0);
  auto parsed = parse_definition(text, kStoredLimits);
  if (!parsed)
    co_return fail(ErrorKind::not_ready,
                   fmt::format("this version cannot read workflow {}: {}", to_text(id),
                               to_text(parsed.error().front(), "definition")),
                   "run it with the version that published it, or publish it anew");
  Entry loaded{
      .definition = std::move(*parsed), .removed = rows->text(0, 1) == "t", .checked_at = asked_at};
  cache_.put(id, loaded, text.size());
  co_return loaded;
}

}  // namespace auterity::engine
