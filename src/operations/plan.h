#pragma once
// What an operation is going to do, as a value: made by a pure planner from a request and what was
// observed, printed by `--plan`, written to the journal before anything is touched, and read back
// from there when the operation is resumed or undone. A step's name is its key in the journal for
// ever: it never changes its meaning.
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/json.h"

namespace auterity::operations {

// What undoing the operation means for a step that it carried out.
enum class UndoPolicy {
  undo,    // the effect is taken back
  keep,    // the effect stays: evidence, data, restore points, expanding migrations
  refuse,  // the effect cannot be taken back; the operation can only be resumed from here
};
std::string_view name_of(UndoPolicy policy);
std::optional<UndoPolicy> parse_undo_policy(std::string_view name);

struct PlannedStep {
  std::string name;         // "postgres", "api-1"; unique within the plan
  std::string description;  // what it does, for a person; no secret
  UndoPolicy undo_policy = UndoPolicy::undo;
  // False: nothing of it is left when the operation is done. It only looks, or a later step ends
  // what it did.
  bool lasting = true;
};

// What the operation changes, beside its steps.
struct PlannedChange {
  std::string subject;             // "release", "migrations"; unique within the plan
  std::vector<std::string> lines;  // for a person, none empty; no secret
  JsonObject facts;                // the same for a script; without a member "text"
};

struct Plan {
  std::string operation;  // kind, "up"
  std::string environment;
  std::vector<PlannedStep> steps;      // in order; empty: nothing to do
  std::vector<std::string> satisfied;  // steps whose effect is there already
  std::vector<PlannedChange> changes = {};
};

// For `--plan` and golden tests; ends in a line feed.
std::string to_text(const Plan& plan);
// The changes alone, with their subjects in a column; empty without any.
std::string changes_text(const Plan& plan);
JsonObject to_json(const Plan& plan);
// By subject, the facts with the lines as "text".
JsonObject changes_document(const Plan& plan);
// Reads what to_json wrote; invalid_input when it is something else.
Result<Plan> parse_plan(const Json& value);

}  // namespace auterity::operations
