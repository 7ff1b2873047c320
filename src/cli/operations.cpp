#include "cli/operations.h"

#include <fmt/format.h>

#include <boost/json.hpp>
#include <ostream>

#include "cli/confirmation.h"
#include "cli/local_session.h"
#include "cli/operation_text.h"
#include "cli/output.h"
#include "core/moment.h"
#include "operations/journal/operation_document.h"

namespace auterity::cli {
namespace {

using operations::OperationHistory;

// Results stay what they are for scripts: the hint goes to standard error.
void say_how_to_continue(World& world, const OperationHistory& operation, bool lock_held) {
  if (operation.state_name(lock_held) == operations::kInterrupted)
    world.err << "hint: " << operations::how_to_continue(operation) << '\n';
}

class ListCommand final : public Command {
 public:
  CommandFacts facts() const override {
    return {.name = "operations list",
            .group = CommandGroup::platform,
            .summary = "list what was done to an environment, newest first",
            .details = ""};
  }
  void declare(OptionSet&) override {}

  Async<Result<ExitCode>> run(World& world, const CommonOptions& common) override {
    AUTERITY_CO_TRY(session, LocalSession::open(world, common));
    AUTERITY_CO_TRY(ids, session->journal().ids());
    const bool lock_held = session->lock().is_held();
    JsonArray documents;
    std::vector<std::vector<std::string>> rows;
    std::optional<OperationHistory> newest;
    for (auto id = ids.rbegin(); id != ids.rend(); ++id) {
      auto operation = session->journal().load(*id);
      if (!operation && operation.error().kind == ErrorKind::not_found) continue;
      if (!operation) {  // hides no other
        documents.push_back(JsonObject{
            {"id", *id}, {"state", "unreadable"}, {"failure", operation.error().message}});
        rows.push_back({*id, "-", "unreadable", "-", "-", operation.error().message});
        continue;
      }
      documents.push_back(operations::summary_document(*operation, lock_held));
      rows.push_back({operation->id, operation->plan.operation, operation->state_name(lock_held),
                      moment(operation->started_at), operation->attribution.who,
                      operation->attribution.why});
      if (!newest) newest = std::move(*operation);
    }
    if (common.json)
      print_json(world, JsonObject{{"items", std::move(documents)}});
    else
      world.out << table_text({"id", "operation", "state", "started", "who", "why"}, rows);
    if (newest) say_how_to_continue(world, *newest, lock_held);
    co_return kDone;
  }
};

class ShowCommand final : public Command {
 public:
  CommandFacts facts() const override {
    return {.name = "operations show",
            .group = CommandGroup::platform,
            .summary = "show one operation with its steps and their evidence",
            .details = "ID may be shortened as long as it is clear; `latest` is the newest."};
  }
  void declare(OptionSet& options) override {
    options.required_argument("ID", id_, "of the operation");
  }

  Async<Result<ExitCode>> run(World& world, const CommonOptions& common) override {
    AUTERITY_CO_TRY(session, LocalSession::open(world, common));
    AUTERITY_CO_TRY(operation, operations::find_operation(session->journal(), id_));
    const bool lock_held = session->lock().is_held();
    if (common.json)
      print_json(world, Json(operations::operation_document(operation, lock_held)));
    else
      world.out << operation_text(operation, lock_held);
    say_how_to_continue(world, operation, lock_held);
    co_return kDone;
  }

 private:
  std::string id_;
};

// Resume and undo differ in one call.
class ContinueCommand final : public Command {
 public:
  enum class Direction { resume, undo };
  explicit ContinueCommand(Direction direction) : direction_(direction) {}

  CommandFacts facts() const override {
    const bool resume = direction_ == Direction::resume;
    return {.name = resume ? "operations resume" : "operations undo",
            .group = CommandGroup::platform,
            .summary = resume ? "go on with an operation that was interrupted"
                              : "take back what an operation did",
            .details = "ID may be shortened as long as it is clear; `latest` is the newest."};
  }
  void declare(OptionSet& options) override {
    options.required_argument("ID", id_, "of the operation");
  }

  Async<Result<ExitCode>> run(World& world, const CommonOptions& common) override {
    AUTERITY_CO_TRY(session, LocalSession::open(world, common));
    AUTERITY_CO_TRY(history, operations::find_operation(session->journal(), id_));
    const auto kinds = session->kinds();
    const auto kind = kinds.find(history.plan.operation);
    if (kind == kinds.end())
      co_return fail(ErrorKind::not_found,
                     fmt::format("this build has no operation named {}", history.plan.operation),
                     operations::how_to_leave(history));
    auto operation = kind->second(history.request);
    if (!operation) {
      if (operation.error().kind == ErrorKind::invalid_input)
        operation.error().hint = operations::how_to_leave(history);
      co_return std::unexpected(std::move(operation).error());
    }
    auto runner = session->runner();
    const std::string what = fmt::format("{} {}", history.plan.operation, history.id);
    auto result = direction_ == Direction::resume
                      ? co_await runner.resume(**operation, std::move(history))
                      : co_await runner.undo(**operation, std::move(history));
    if (!result) co_return std::unexpected(std::move(result).error());
    print_outcome(world, common, *result, {{"environment", common.environment}},
                  fmt::format("{}: {}\n", what, result->outcome));
    co_return kDone;
  }

  std::string interruption_hint() const override { return operation_interruption_hint(); }

 private:
  Direction direction_;
  std::string id_;
};

class AbandonCommand final : public Command {
 public:
  CommandFacts facts() const override {
    return {.name = "operations abandon",
            .group = CommandGroup::platform,
            .summary = "give an interrupted operation up as it is",
            .details =
                "The last way out: for an operation that can neither be resumed nor undone, "
                "because another version began it or its journal is damaged. Nothing is "
                "taken back; --reason is recorded with your name. ID may be shortened as "
                "long as it is clear; `latest` is the newest."};
  }
  void declare(OptionSet& options) override {
    options.required_argument("ID", id_, "of the operation");
  }

  Async<Result<ExitCode>> run(World& world, const CommonOptions& common) override {
    AUTERITY_CO_TRY(session, LocalSession::open(world, common));
    AUTERITY_CO_TRY(id, operations::find_operation_id(session->journal(), id_));
    AUTERITY_CO_CHECK(confirm(world, common, session->is_production(),
                              fmt::format("leave what operation {} did as it is", id)));
    AUTERITY_CO_CHECK(session->runner().abandon(id));
    if (common.json)
      print_json(world, JsonObject{{"environment", common.environment},
                                   {"operation", id},
                                   {"outcome", operations::kAbandoned}});
    else
      world.out << fmt::format("operation {} is given up; nothing was taken back\n", id);
    world.err << fmt::format("hint: see what it left: auterity status -e {}\n", common.environment);
    co_return kDone;
  }

 private:
  std::string id_;
};

}  // namespace

CommandPtr make_operations_list_command() { return std::make_unique<ListCommand>(); }
CommandPtr make_operations_show_command() { return std::make_unique<ShowCommand>(); }
CommandPtr make_operations_resume_command() {
  return std::make_unique<ContinueCommand>(ContinueCommand::Direction::resume);
}
CommandPtr make_operations_undo_command() {
  return std::make_unique<ContinueCommand>(ContinueCommand::Direction::undo);
}
CommandPtr make_operations_abandon_command() { return std::make_unique<AbandonCommand>(); }

}  // namespace auterity::cli
