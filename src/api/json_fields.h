#pragma once
// Reading a request's JSON body member by member: what is missing, of the wrong type or not known
// is told with its pointer, all at once.
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.h"
#include "core/json.h"

namespace auterity::api {

class JsonFields {
 public:
  // invalid_input when the text is not one JSON object. An empty text is an empty object.
  static Result<JsonFields> parse(std::string_view body);

  std::optional<std::string> text(std::string_view name, std::size_t max_bytes);
  std::optional<bool> boolean(std::string_view name);
  // Any value; nullopt when absent.
  std::optional<Json> value(std::string_view name);
  std::string required_text(std::string_view name, std::size_t max_bytes);
  // Taken out of the body, so that its elements can be moved on; empty beside a problem.
  JsonArray required_array(std::string_view name, std::size_t max_elements);

  // invalid_input with every problem, once all members have been asked for; others are unknown.
  Status check() const;

 private:
  const Json* take(std::string_view name);
  void add_problem(std::string_view name, std::string_view problem);

  JsonObject object_;
  std::vector<std::string> known_;
  std::vector<std::string> problems_;
};

}  // namespace auterity::api
