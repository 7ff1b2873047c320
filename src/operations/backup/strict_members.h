#pragma once
// Reads the members of a JSON object one by one and remembers the first that is missing or wrong,
// so that a parser is a plain list of members and asks once, at the end, whether all was well.
// Members that nobody asked for are wrong, too.
#include <cstdint>
#include <set>
#include <string>
#include <string_view>

#include "core/json.h"
#include "core/time.h"
#include "core/uuid.h"

namespace auterity::operations::backup {

class StrictMembers {
 public:
  // `value` may be null: then everything is missing. `path` names it in messages.
  StrictMembers(const Json* value, std::string path);

  std::string text(std::string_view name);
  // A whole number that is not negative.
  std::uint64_t number(std::string_view name);
  bool flag(std::string_view name);
  Time time(std::string_view name);
  Uuid uuid(std::string_view name);
  std::string sha256(std::string_view name);
  // nullptr when there is none of that type; what may be absent is asked for with find().
  const JsonArray* array(std::string_view name);
  const JsonObject* object(std::string_view name);
  const Json* find(std::string_view name);

  // For what only the caller can judge.
  void refuse(std::string_view name, std::string_view what);
  // invalid_input with the first thing that was wrong.
  Status end();

 private:
  const Json* wanted(std::string_view name);

  const JsonObject* object_ = nullptr;
  std::string path_;
  std::string problem_;
  std::set<std::string, std::less<>> asked_;
};

}  // namespace auterity::operations::backup
