#include "api/routing/query_check.h"

#include <algorithm>
#include <string>

#include "engine/definition/suggestion.h"
#include "engine/tasks/http_content.h"

namespace auterity::api {
namespace {

std::vector<std::string_view> known_names(const Route& route) {
  std::vector<std::string_view> names;
  for (const ParameterFacts& parameter : route.parameters)
    if (parameter.place == "query") names.push_back(parameter.name);
  return names;
}

// Names come from outside: one that is long or no text is not repeated.
std::string shown(const std::string& name) {
  constexpr std::size_t kLongest = 64;
  if (name.empty() || name.size() > kLongest || !engine::is_utf8(name)) return "of that name";
  return "'" + name + "'";
}

std::unexpected<Error> refuse_unknown(const std::string& name,
                                      const std::vector<std::string_view>& known) {
  std::string hint;
  if (const auto nearest = engine::find_nearest(name, known)) {
    hint = "did you mean " + std::string(*nearest) + "?";
  } else if (known.empty()) {
    hint = "leave it out: this path takes no query parameters";
  } else {
    hint = "this path takes: ";
    for (std::string_view other : known) hint.append(other).append(" ");
    hint.pop_back();
  }
  return fail(ErrorKind::invalid_input, "there is no query parameter " + shown(name) + " here",
              std::move(hint));
}

}  // namespace

Status check_query(const Route& route, std::string_view query) {
  if (query.empty() || route.is_probe) return {};
  const auto known = known_names(route);
  std::vector<std::string_view> seen;
  while (!query.empty()) {
    const std::size_t end = query.find('&');
    const std::string_view pair = query.substr(0, end);
    query.remove_prefix(end == std::string_view::npos ? query.size() : end + 1);
    if (pair.empty()) continue;
    const std::size_t equals = pair.find('=');
    const auto name = percent_decode(pair.substr(0, equals), true);
    const bool has_value = equals != std::string_view::npos;
    if (!name || (has_value && !percent_decode(pair.substr(equals + 1), true)))
      return fail(ErrorKind::invalid_input, "the query holds a malformed escape",
                  "write %XX with two hexadecimal digits");
    const auto found = std::ranges::find(known, std::string_view(*name));
    if (found == known.end()) return refuse_unknown(*name, known);
    if (std::ranges::find(seen, *found) != seen.end())
      return fail(ErrorKind::invalid_input, "the query parameter " + *name + " is given twice",
                  "give it once");
    seen.push_back(*found);
  }
  return {};
}

}  // namespace auterity::api
