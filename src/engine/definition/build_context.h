#pragma once
// What every builder needs. Builders turn nodes into a Definition and report what the grammar's
// tables cannot see: expressions, names, flow. They are tolerant: what has the wrong shape was
// reported by the tables and is skipped in silence, so that one run finds all problems.
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/definition/definition.h"
#include "engine/definition/parser.h"
#include "engine/definition/problem_list.h"
#include "engine/definition/source_tree.h"
#include "engine/expression/template.h"

namespace auterity::engine {

struct BuildContext {
  ProblemList& problems;
  ParserLimits limits;
  ExpressionMode mode = ExpressionMode::strict;
  Node root;
  std::shared_ptr<ExpressionSet> expressions = std::make_shared<ExpressionSet>();
  std::vector<UnsupportedFeature> unsupported;
  std::size_t referenced_bytes = 0;  // of reusable parts, each time they are used
  std::size_t task_count = 0;        // checked ones, too
  std::uint32_t next_id = 0;
  bool checking_only = false;

  // `bare`: a text is jq even without ${ }. Problems are reported where they stand; the result is
  // then of no use.
  Template compile(const Node& node, bool bare);
  // A member that is an expression, when it is there and a text.
  std::optional<Template> compile_condition(const Node& parent, std::string_view name);
  // A member that is an expression or a structure with expressions.
  std::optional<Template> compile_member(const Node& parent, std::string_view name);
  DurationValue build_duration(const Node& node);
  std::optional<DurationValue> build_duration_member(const Node& parent, std::string_view name);

  // Notes what a runner of this build must refuse; nothing while checking_only.
  void mark_unsupported(const Node& node, std::string feature);
};

// While it lives, what is built is checked and then dropped: expressions go to a set of their own
// and nothing is marked unsupported. For parts that this build validates and does not run, and for
// reusable parts, which count where they are used.
class CheckingOnly {
 public:
  explicit CheckingOnly(BuildContext& context);
  ~CheckingOnly();
  CheckingOnly(const CheckingOnly&) = delete;
  CheckingOnly& operator=(const CheckingOnly&) = delete;

 private:
  BuildContext& context_;
  std::shared_ptr<ExpressionSet> expressions_;
  bool checking_only_;
};

}  // namespace auterity::engine
