#pragma once
// What the command line starts: an operation of one kind with its request. To add one, write its
// class and a row in the registry that main hands to the commands. Invariants: plan() only looks;
// bind() gives every planned step of this kind its effects, also for a plan read back from the
// journal.
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "core/async.h"
#include "core/error.h"
#include "core/json.h"
#include "operations/journal/history.h"
#include "operations/plan.h"
#include "operations/step.h"

namespace auterity::operations {

class Operation {
 public:
  virtual ~Operation() = default;
  virtual std::string_view kind() const = 0;
  // What to do the same again: written to the journal, so without secrets.
  virtual JsonObject request() const = 0;
  // Under which id the journal keeps it: before the first bind(). For operations that keep evidence
  // in the journal's folder.
  virtual void take_id(std::string_view /*id*/) {}
  // Observes the world and plans; steps whose effect is there already are left out.
  virtual Async<Result<Plan>> plan() = 0;
  // not_found when this kind has no such step (a journal of another version).
  virtual Result<std::unique_ptr<Step>> bind(const PlannedStep& step) = 0;
  // What is there still after it was taken back, and is worth a word: restore points, an expanded
  // schema. Observed anew; empty: nothing.
  virtual Async<std::string> what_stays(Plan /*plan*/) { co_return std::string(); }
  // What to do instead about one that is done and cannot be taken back: a hint.
  virtual std::string way_back(const OperationHistory& done) const {
    return "see what each of its steps did: " + how_to_show(done);
  }
  // Whether it may be started while one of `kind` was left unfinished: its own steps then mend what
  // that one left.
  virtual bool supersedes(std::string_view kind) const = 0;
};

// Kind to the factory that makes the operation of a journal's request again.
using OperationFactory =
    std::function<Result<std::unique_ptr<Operation>>(const JsonObject& request)>;
using OperationKinds = std::map<std::string, OperationFactory, std::less<>>;

}  // namespace auterity::operations
