#pragma once
// A scenario: a definition, what it is given, what must come of it. Scenarios are data
// (scenarios/*.yaml): each file holds a list whose entries have the members below, spelled the
// same. In definitions, options and expectations "{{stand-in}}" is the address of the local
// stand-in (stand_ins.h).
#include <iosfwd>
#include <string>
#include <utility>
#include <vector>

#include "core/json.h"

namespace auterity::conformance {

struct Scenario {
  std::string file;  // "ctk.yaml"
  std::string name;
  std::string skip;        // why it cannot run yet; empty: it runs
  std::string definition;  // YAML or JSON text
  Json input;              // null: none is given
  std::vector<std::string> options;
  std::vector<std::pair<std::string, std::string>> files;  // beside the definition: name, content

  struct Expectation {
    int exit = 0;
    bool has_output = false;  // `output` is given: the whole document
    Json output;
    std::vector<std::string> has;    // paths in the output that lead somewhere: "request.method"
    JsonObject values;               // path to value
    JsonObject counts;               // path to number of items
    JsonObject fault;                // members that the error must have, with these values
    std::vector<std::string> order;  // names of the tasks in the order in which they started
    std::string first, last;         // names of the tasks that started first and last
    std::vector<std::string>
        events;  // lifecycle events, "workflow.started", "task.started /do/0/a", in order
    std::vector<std::string> errors;  // texts that the error output holds
    std::vector<std::string> absent;  // texts that appear nowhere: not in output, errors or events
    JsonArray requests;  // what the stand-in was asked for: {method, path, query?, headers?,
                         // body?}, each member compared when given
  } expect;
};

// What GoogleTest prints of a scenario.
void PrintTo(const Scenario& scenario, std::ostream* out);

// Sorted by file, in order within; throws with file and scenario when one is malformed.
std::vector<Scenario> load_scenarios(const std::string& folder);

}  // namespace auterity::conformance
