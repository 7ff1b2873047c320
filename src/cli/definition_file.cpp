#include "cli/definition_file.h"

#include <fmt/format.h>

#include <istream>
#include <iterator>

#include "engine/definition/parser.h"

namespace auterity::cli {
namespace {

constexpr std::size_t kMaxDocumentBytes = 16u << 20;
// Data may be larger than a definition.
constexpr engine::ParserLimits kDataLimits{.max_bytes = kMaxDocumentBytes, .max_nodes = 2'000'000};

bool is_yaml(std::string_view file) { return file.ends_with(".yaml") || file.ends_with(".yml"); }

Result<std::string> read_standard_input(World& world) {
  std::string text;
  char piece[65536];
  while (world.in.read(piece, sizeof piece) || world.in.gcount() > 0) {
    text.append(piece, static_cast<std::size_t>(world.in.gcount()));
    if (text.size() > kMaxDocumentBytes)
      return fail(ErrorKind::too_large,
                  fmt::format("standard input has more than {} MiB", kMaxDocumentBytes >> 20),
                  "send less at once");
  }
  return text;
}

Result<Json> parse_value(std::string_view text, bool yaml, std::string_view what) {
  if (yaml) {
    auto document = engine::parse_document(text, kDataLimits);
    if (document) return std::move(*document);
    const engine::Problem& first = document.error().front();
    return fail(ErrorKind::invalid_input,
                fmt::format("{}: line {}: {}", what, first.line, first.message),
                "correct the file");
  }
  auto value = parse_json(text, {.max_bytes = kMaxDocumentBytes});
  if (value) return value;
  return fail(ErrorKind::invalid_input,
              fmt::format("{} is not JSON: {}", what, value.error().message),
              "text stands in double quotes within JSON; @FILE reads a file instead");
}

}  // namespace

Result<std::string> read_document(World& world, const std::string& file) {
  if (file == "-") return read_standard_input(world);
  return world.files.read(world.working_directory / file, kMaxDocumentBytes);
}

Result<Json> read_value(World& world, std::string_view text, std::string_view what) {
  if (!text.starts_with('@')) return parse_value(text, false, what);
  const std::string file(text.substr(1));
  auto content = read_document(world, file);
  if (!content) return std::unexpected(std::move(content.error()).within(what));
  return parse_value(*content, is_yaml(file), what);
}

}  // namespace auterity::cli
