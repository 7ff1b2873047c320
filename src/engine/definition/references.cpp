#include "engine/definition/references.h"

#include <fmt/format.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "core/semantic_version.h"
#include "engine/definition/suggestion.h"
#include "engine/definition/text_checks.h"

namespace auterity::engine {
namespace {

std::vector<std::string_view> names_of(const std::optional<Node>& part) {
  std::vector<std::string_view> names;
  if (!part) return names;
  for (std::size_t i = 0; i < part->size(); ++i) {
    if (part->is_object()) names.push_back(part->key(i));
    if (part->is_array() && part->child(i).is_string()) names.push_back(part->child(i).text());
  }
  return names;
}

// Each use of a reusable part is a copy of it; together they may be this many times the largest
// document.
constexpr std::size_t kExpansion = 8;

std::size_t bytes_of(const Json& value) {
  std::size_t bytes = sizeof(Json);
  if (const auto* object = value.if_object())
    for (const auto& member : *object) bytes += member.key().size() + bytes_of(member.value());
  if (const auto* array = value.if_array())
    for (const Json& item : *array) bytes += bytes_of(item);
  if (const auto* text = value.if_string()) bytes += text->size();
  return bytes;
}

bool has_room(BuildContext& context, const Node& reference, const Node& part) {
  const std::size_t limit = context.limits.max_bytes * kExpansion;
  const bool had_room = context.referenced_bytes <= limit;
  if (had_room) context.referenced_bytes += bytes_of(part.value());
  if (context.referenced_bytes <= limit) return true;
  if (had_room)
    context.problems.add(reference,
                         fmt::format("reusable parts grow to more than {} bytes with all their "
                                     "uses; make them smaller",
                                     limit));
  return false;
}

std::optional<Node> find_part(const BuildContext& context, std::string_view kind) {
  const auto use = context.root.find("use");
  return use ? use->find(kind) : std::nullopt;
}

void report_unknown(BuildContext& context, const Node& reference, std::string_view kind) {
  const auto names = names_of(find_part(context, kind));
  context.problems.add(reference,
                       names.empty()
                           ? fmt::format("{} is not defined; there is no use.{} in this definition",
                                         quoted(reference.text()), kind)
                           : fmt::format("{} is not in use.{}{}", quoted(reference.text()), kind,
                                         suggestion(reference.text(), names, "known are")));
}

}  // namespace

std::optional<Node> resolve_reference(BuildContext& context, const Node& reference,
                                      std::string_view kind) {
  const auto part = find_part(context, kind);
  const auto found = part ? part->find(reference.text()) : std::nullopt;
  if (!found) {
    report_unknown(context, reference, kind);
    return std::nullopt;
  }
  return has_room(context, reference, *found) ? found : std::nullopt;
}

void check_secret(BuildContext& context, const Node& reference) {
  const auto secrets = find_part(context, "secrets");
  for (std::size_t i = 0; secrets && secrets->is_array() && i < secrets->size(); ++i)
    if (secrets->child(i).is_string() && secrets->child(i).text() == reference.text()) return;
  report_unknown(context, reference, "secrets");
}

void check_function(BuildContext& context, const Node& call) {
  const std::string_view name = call.text();
  const auto functions = find_part(context, "functions");
  if (functions && functions->find(name)) return;
  if (name.contains("://")) {
    std::string problem = grammar::check_literal_uri(name);
    if (!problem.empty()) context.problems.add(call, std::move(problem));
    return;
  }
  if (const std::size_t at = name.rfind('@'); at != std::string_view::npos) {
    const std::size_t colon = name.rfind(':', at);
    const auto catalogs = find_part(context, "catalogs");
    const std::string_view catalog = name.substr(at + 1);
    if (colon == std::string_view::npos || colon == 0 ||
        !parse_semantic_version(name.substr(colon + 1, at - colon - 1)))
      context.problems.add(call, fmt::format("{} is no function of a catalog; write "
                                             "name:1.0.0@catalog",
                                             quoted(name)));
    else if (catalog != "default" && !(catalogs && catalogs->find(catalog)))
      context.problems.add(call,
                           fmt::format("the catalog {} is not in use.catalogs{}", quoted(catalog),
                                       suggestion(catalog, names_of(catalogs), "known are")));
    return;
  }
  std::vector<std::string_view> known = {"http", "openapi", "grpc", "asyncapi", "a2a", "mcp"};
  for (const std::string_view function : names_of(functions)) known.push_back(function);
  context.problems.add(call, fmt::format("{} is neither a protocol nor a function of "
                                         "use.functions{}",
                                         quoted(name), suggestion(name, known, "known are")));
}

}  // namespace auterity::engine
