#include "operations/journal/history.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json.hpp>

namespace auterity::operations {
namespace {

struct RecordName {
  RecordKind kind;
  std::string_view name;
};
constexpr std::array kRecordNames{RecordName{RecordKind::started, "started"},
                                  RecordName{RecordKind::resumed, "resumed"},
                                  RecordName{RecordKind::began, "began"},
                                  RecordName{RecordKind::applying, "applying"},
                                  RecordName{RecordKind::done, "done"},
                                  RecordName{RecordKind::failed, "failed"},
                                  RecordName{RecordKind::undoing, "undoing"},
                                  RecordName{RecordKind::undo_began, "undo_began"},
                                  RecordName{RecordKind::undone, "undone"},
                                  RecordName{RecordKind::kept, "kept"},
                                  RecordName{RecordKind::undo_failed, "undo_failed"},
                                  RecordName{RecordKind::finished, "finished"}};

constexpr std::array<std::string_view, 10> kStateNames{
    "pending", "began",      "applying", "done", "already there",
    "failed",  "undo_began", "undone",   "kept", "undo_failed"};

std::unexpected<Error> unreadable(std::string_view what) {
  return fail(ErrorKind::invalid_input, "the journal has " + std::string(what),
              "it was damaged or written by another version of auterity");
}

std::string text_of(const Json& value, std::string_view key) {
  return std::string(string_or(find_member(value, key), ""));
}

// What a step's own record makes of its state.
StepState state_after(const Record& record) {
  switch (record.kind) {
    case RecordKind::began:
      return StepState::began;
    case RecordKind::applying:
      return StepState::applying;
    case RecordKind::done:
      return record.already ? StepState::already_done : StepState::done;
    case RecordKind::failed:
      return StepState::failed;
    case RecordKind::undo_began:
      return StepState::undo_began;
    case RecordKind::undone:
      return StepState::undone;
    case RecordKind::kept:
      return StepState::kept;
    case RecordKind::undo_failed:
      return StepState::undo_failed;
    default:
      return StepState::pending;
  }
}

Status start(OperationHistory& history, const Record& record) {
  if (!record.plan) return unreadable("a start without a plan");
  history.id = record.id;
  history.plan = *record.plan;
  history.request = record.request;
  history.attribution = record.attribution;
  history.started_at = record.at;
  for (const PlannedStep& step : history.plan.steps) history.steps.push_back({.planned = step});
  return {};
}

// A step that only began touched nothing, one that was there before is not ours: neither is undone.
bool ours(const StepHistory& step) {
  switch (step.state) {
    case StepState::applying:
    case StepState::done:
    case StepState::failed:
    case StepState::undo_began:
    case StepState::undo_failed:
      return true;
    default:
      return false;
  }
}

Action next_undo(const OperationHistory& history) {
  for (std::size_t index = history.steps.size(); index-- > 0;) {
    const StepHistory& step = history.steps[index];
    if (!ours(step)) continue;
    switch (step.planned.undo_policy) {
      case UndoPolicy::undo:
        return {Action::Kind::undo_step, index, {}};
      case UndoPolicy::keep:
        return {Action::Kind::keep_step, index, {}};
      case UndoPolicy::refuse:
        return {Action::Kind::finish, index, "failed"};
    }
  }
  return {Action::Kind::finish, 0, "undone"};
}

}  // namespace

std::string_view name_of(RecordKind kind) {
  return std::ranges::find(kRecordNames, kind, &RecordName::kind)->name;
}

std::string_view name_of(StepState state) { return kStateNames[static_cast<std::size_t>(state)]; }

std::string to_line(const Record& record) {
  JsonObject line{
      {"record", name_of(record.kind)}, {"at", to_rfc3339(record.at)}, {"term", record.term}};
  if (!record.step.empty()) line["step"] = record.step;
  if (!record.text.empty()) line["text"] = record.text;
  if (record.already) line["already"] = true;
  if (!record.attribution.who.empty()) line["who"] = record.attribution.who;
  if (!record.attribution.why.empty()) line["why"] = record.attribution.why;
  if (!record.attribution.program.empty()) line["program"] = record.attribution.program;
  if (!record.id.empty()) line["id"] = record.id;
  if (record.kind == RecordKind::started) line["request"] = record.request;
  if (record.plan) line["plan"] = to_json(*record.plan);
  return auterity::to_text(Json(std::move(line)));
}

Result<Record> parse_record(std::string_view line) {
  AUTERITY_TRY(value, parse_json(line));
  const auto row = std::ranges::find(kRecordNames, string_or(find_member(value, "record"), ""),
                                     &RecordName::name);
  const auto at = parse_rfc3339(string_or(find_member(value, "at"), ""));
  if (row == kRecordNames.end() || !at) return unreadable("a record of an unknown kind");
  Record record;
  record.kind = row->kind;
  record.at = *at;
  if (const Json* term = find_member(value, "term"); term != nullptr && term->is_number())
    record.term = term->to_number<std::uint64_t>();
  record.step = text_of(value, "step");
  record.text = text_of(value, "text");
  if (const Json* already = find_member(value, "already"); already != nullptr && already->is_bool())
    record.already = already->get_bool();
  record.attribution = {text_of(value, "who"), text_of(value, "why"), text_of(value, "program")};
  record.id = text_of(value, "id");
  if (const Json* request = find_member(value, "request");
      request != nullptr && request->is_object())
    record.request = request->get_object();
  if (const Json* plan = find_member(value, "plan"); plan != nullptr) {
    AUTERITY_TRY(parsed, parse_plan(*plan));
    record.plan = std::move(parsed);
  }
  return record;
}

std::string OperationHistory::state_name(bool lock_held) const {
  if (phase == Phase::finished) return outcome;
  if (!lock_held) return std::string(kInterrupted);
  return phase == Phase::running ? "running" : "undoing";
}

std::string how_to_continue(const OperationHistory& operation) {
  return fmt::format(
      "go on with it: auterity operations resume {0} -e {1}; or take it back: auterity operations "
      "undo {0} -e {1}",
      operation.id, operation.plan.environment);
}

Status check_reversible(const OperationHistory& operation) {
  const StepHistory* step = operation.find_irreversible_step();
  if (step == nullptr) return {};
  return fail(
      ErrorKind::conflict,
      fmt::format("step {} of operation {} cannot be taken back", step->planned.name, operation.id),
      fmt::format("go on instead: auterity operations resume {} -e {}", operation.id,
                  operation.plan.environment));
}

Plan plan_of_undo(const OperationHistory& operation, std::string_view kind) {
  const auto state = std::string(operation.unfinished() ? "has not ended" : operation.outcome);
  Plan plan{std::string(kind), operation.plan.environment, {}, {}};
  plan.changes.push_back(
      {"turned back",
       {fmt::format("{} ({}), which {}", operation.plan.operation, operation.id, state)},
       {{"operation", operation.id}}});
  for (PlannedStep& step : operation.steps_to_undo()) {
    step.description = "take back: " + step.description;
    plan.steps.push_back(std::move(step));
  }
  std::ranges::reverse(plan.steps);
  return plan;
}

std::string how_to_show(const OperationHistory& operation) {
  return fmt::format("auterity operations show {} -e {}", operation.id, operation.plan.environment);
}

std::string how_to_leave(const OperationHistory& operation) {
  return fmt::format(
      "use the version of auterity that began it; or take back what was done: auterity operations "
      "undo {0} -e {1}; or give it up as it is: auterity operations abandon {0} -e {1} --reason "
      "WHY",
      operation.id, operation.plan.environment);
}

const StepHistory* OperationHistory::find_irreversible_step() const {
  const auto found = std::ranges::find_if(steps, [](const StepHistory& step) {
    return step.planned.undo_policy == UndoPolicy::refuse && ours(step);
  });
  return found == steps.end() ? nullptr : &*found;
}

std::vector<PlannedStep> OperationHistory::steps_to_run() const {
  std::vector<PlannedStep> left;
  for (const StepHistory& step : steps)
    if (step.state != StepState::done && step.state != StepState::already_done)
      left.push_back(step.planned);
  return left;
}

std::vector<PlannedStep> OperationHistory::steps_to_undo() const {
  std::vector<PlannedStep> left;
  for (const StepHistory& step : steps)
    if (ours(step) && step.planned.undo_policy == UndoPolicy::undo) left.push_back(step.planned);
  return left;
}

bool OperationHistory::has_lasting_steps_to_undo() const {
  return std::ranges::any_of(steps_to_undo(), &PlannedStep::lasting);
}

std::vector<PlannedStep> OperationHistory::lasting_steps_kept() const {
  std::vector<PlannedStep> kept;
  for (const StepHistory& step : steps)
    if ((ours(step) || step.state == StepState::kept) && step.planned.lasting &&
        step.planned.undo_policy == UndoPolicy::keep)
      kept.push_back(step.planned);
  return kept;
}

Status fold(OperationHistory& history, const Record& record) {
  history.term = std::max(history.term, record.term);
  if (record.kind != RecordKind::started && !record.attribution.who.empty())
    history.continuations.push_back({record.kind, record.at, record.attribution});
  switch (record.kind) {
    case RecordKind::started:
      return start(history, record);
    case RecordKind::resumed:
      if (history.phase == Phase::finished) history.phase = Phase::running;
      history.outcome.clear();
      history.finished_at.reset();
      return {};
    case RecordKind::undoing:
      history.phase = Phase::undoing;
      history.outcome.clear();
      history.finished_at.reset();
      return {};
    case RecordKind::finished:
      history.phase = Phase::finished;
      history.outcome = record.text;
      history.finished_at = record.at;
      return {};
    default:
      break;
  }
  const auto step = std::ranges::find_if(history.steps, [&](const StepHistory& candidate) {
    return candidate.planned.name == record.step;
  });
  if (step == history.steps.end()) return unreadable("a record of a step that is not in its plan");
  // A resumed step begins anew, but what was known before holds: its effect may be ours.
  const bool keeps_claim = record.kind == RecordKind::began && ours(*step);
  step->state = keeps_claim ? StepState::applying : state_after(record);
  step->text = record.text;
  step->at = record.at;
  if (record.kind == RecordKind::began) step->began_at = record.at;
  if (record.kind == RecordKind::failed) history.failure = record.step + ": " + record.text;
  return {};
}

Result<OperationHistory> fold(const std::vector<Record>& records) {
  if (records.empty() || records.front().kind != RecordKind::started)
    return unreadable("no start of its operation");
  OperationHistory history;
  for (const Record& record : records) AUTERITY_CHECK(fold(history, record));
  return history;
}

Action next_action(const OperationHistory& history) {
  if (history.phase == Phase::undoing) return next_undo(history);
  for (std::size_t index = 0; index < history.steps.size(); ++index) {
    const StepState state = history.steps[index].state;
    if (state != StepState::done && state != StepState::already_done)
      return {Action::Kind::run_step, index, {}};
  }
  return {Action::Kind::finish, 0, "done"};
}

}  // namespace auterity::operations
