#include "api/json_fields.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/string.hpp>

namespace auterity::api {

Result<JsonFields> JsonFields::parse(std::string_view body) {
  JsonFields fields;
  if (body.find_first_not_of(" \t\r\n") == std::string_view::npos) return fields;
  Result<Json> value = parse_json(body);
  if (!value) return std::unexpected(std::move(value).error().within("reading the body"));
  if (!value->is_object())
    return fail(ErrorKind::invalid_input, "the body is not a JSON object", "send {…}");
  fields.object_ = std::move(value->as_object());
  return fields;
}

const Json* JsonFields::take(std::string_view name) {
  known_.emplace_back(name);
  const Json* found = object_.if_contains(name);
  return found && !found->is_null() ? found : nullptr;
}

std::optional<std::string> JsonFields::text(std::string_view name, std::size_t max_bytes) {
  const Json* found = take(name);
  if (!found) return std::nullopt;
  if (!found->is_string()) {
    add_problem(name, "must be a text");
    return std::nullopt;
  }
  const auto& text = found->as_string();
  if (text.size() > max_bytes) {
    add_problem(name, fmt::format("must be at most {} bytes", max_bytes));
    return std::nullopt;
  }
  if (std::ranges::find(text, '\0') != text.end()) {
    add_problem(name, "must not hold a NUL character");
    return std::nullopt;
  }
  return std::string(text);
}

std::optional<bool> JsonFields::boolean(std::string_view name) {
  const Json* found = take(name);
  if (!found) return std::nullopt;
  if (found->is_bool()) return found->as_bool();
  add_problem(name, "must be true or false");
  return std::nullopt;
}

std::optional<Json> JsonFields::value(std::string_view name) {
  known_.emplace_back(name);
  const Json* found = object_.if_contains(name);
  if (!found) return std::nullopt;
  return *found;
}

std::string JsonFields::required_text(std::string_view name, std::size_t max_bytes) {
  const std::size_t before = problems_.size();
  auto found = text(name, max_bytes);
  if (found) return std::move(*found);
  if (problems_.size() == before) add_problem(name, "is required");
  return {};
}

JsonArray JsonFields::required_array(std::string_view name, std::size_t max_elements) {
  const Json* found = take(name);
  if (!found || !found->is_array()) {
    add_problem(name, "must be an array");
  } else if (found->as_array().size() > max_elements) {
    add_problem(name, fmt::format("must have at most {} elements", max_elements));
  } else {
    return std::move(object_.at(name).as_array());
  }
  return {};
}

void JsonFields::add_problem(std::string_view name, std::string_view problem) {
  problems_.push_back(fmt::format("/{} {}", escape_pointer_token(name), problem));
}

Status JsonFields::check() const {
  std::vector<std::string> problems = problems_;
  for (const auto& member : object_)
    if (std::ranges::find(known_, std::string_view(member.key())) == known_.end())
      problems.push_back(fmt::format("/{} is not known", escape_pointer_token(member.key())));
  if (problems.empty()) return {};
  return fail(ErrorKind::invalid_input, fmt::format("{}", fmt::join(problems, "; ")),
              fmt::format("the members are: {}", fmt::join(known_, ", ")));
}

}  // namespace auterity::api
