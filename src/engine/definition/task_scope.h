#pragma once
// The names of one task list, and flow directives between its tasks. A directive may name a task of
// its own list only (DSL, "flow directives"); branches of a fork run side by side, so none of them
// can follow another.
#include <string_view>
#include <unordered_map>
#include <vector>

#include "engine/definition/build_context.h"

namespace auterity::engine {

class TaskScope {
 public:
  enum class Kind { sequence, branches };
  // Reports names that are there twice or too long.
  TaskScope(BuildContext& context, const Node& list, Kind kind = Kind::sequence);

  // The directive in member `name` of `parent`; `next` when it is not there. Unknown targets are
  // reported with the known ones.
  FlowDirective build_directive(BuildContext& context, const Node& parent,
                                std::string_view name) const;
  // The same where absence means something else.
  std::optional<FlowDirective> find_directive(BuildContext& context, const Node& parent,
                                              std::string_view name) const;

 private:
  Kind kind_;
  std::vector<std::string_view> names_;
  std::unordered_map<std::string_view, std::size_t> index_;
};

}  // namespace auterity::engine
