#include "engine/definition/parser.h"

#include <fmt/format.h>

#include "engine/definition/build_definition.h"
#include "engine/definition/grammar.h"
#include "engine/definition/json_reader.h"
#include "engine/definition/text_encoding.h"
#include "engine/definition/yaml_reader.h"

namespace auterity::engine {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

std::optional<ReadDocument> read_text(std::string_view text, const ParserLimits& limits,
                                      ProblemList& problems) {
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  if (text.size() > limits.max_bytes) {
    problems.add(0, "",
                 fmt::format("the document has {} bytes, and {} are allowed; make it smaller",
                             text.size(), limits.max_bytes));
    return std::nullopt;
  }
  if (const auto offset = find_invalid_utf8(text)) {
    problems.add(line_of(text, *offset), "",
                 fmt::format("byte {} is not UTF-8; save the document in that encoding", *offset));
    return std::nullopt;
  }
  if (const auto offset = find_control_character(text)) {
    problems.add(line_of(text, *offset), "",
                 fmt::format("byte {} is a control character; remove it, or write it as an escape "
                             "in double quotes",
                             *offset));
    return std::nullopt;
  }
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  const bool is_json =
      first != std::string_view::npos && (text[first] == '{' || text[first] == '[');
  return is_json ? read_json(text, limits, problems) : read_yaml(text, limits, problems);
}

}  // namespace

std::expected<DefinitionPtr, std::vector<Problem>> parse_definition(std::string_view text,
                                                                    ParserLimits limits) {
  ProblemList problems;
  auto document = read_text(text, limits, problems);
  if (!document) return std::unexpected(std::move(problems).take());

  auto definition = std::make_shared<Definition>();
  definition->source = std::move(document->value);
  const SourceTree tree(definition->source, std::move(document->position));
  constexpr grammar::ValueRule kWorkflow = grammar::object(grammar::kRoot);
  grammar::check(tree.root(), kWorkflow, problems);
  BuildContext context{.problems = problems, .limits = limits, .root = tree.root()};
  build_definition(context, *definition);
  if (!problems.empty()) return std::unexpected(std::move(problems).take());
  return definition;
}

std::expected<Json, std::vector<Problem>> parse_document(std::string_view text,
                                                         ParserLimits limits) {
  limits.max_pointer_bytes = SIZE_MAX;
  ProblemList problems;
  auto document = read_text(text, limits, problems);
  if (!document || !problems.empty()) return std::unexpected(std::move(problems).take());
  return std::move(document->value);
}

int find_line(std::string_view text, std::string_view pointer) {
  ProblemList problems;
  auto document = read_text(text, {}, problems);
  if (!document) return 0;
  const SourceTree tree(document->value, std::move(document->position));
  return tree.root().descend(pointer).line();
}

}  // namespace auterity::engine
