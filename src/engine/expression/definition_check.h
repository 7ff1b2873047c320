#pragma once
// Whether a definition can be published or run: the document by the parser, then its jq programs by
// an evaluator. One place for the command line and the API, so that both say the same.
#include <string>
#include <vector>

#include "core/async.h"
#include "core/error.h"
#include "engine/definition/parser.h"
#include "engine/expression/evaluator.h"

namespace auterity::engine {

struct CheckedDefinition {
  DefinitionPtr definition;       // null when it cannot even be read
  std::vector<Problem> problems;  // in document order; empty: it is valid
};

// Everything that can be found out without running. Opens no connection. An error only when the jq
// programs could not be checked.
Async<Result<CheckedDefinition>> check_definition(Evaluator& evaluator, std::string text);

}  // namespace auterity::engine
