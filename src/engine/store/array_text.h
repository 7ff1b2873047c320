#pragma once
// One column of a multi-row statement: PostgreSQL's array literal for `unnest($n::type[])`, written
// element by element without copies in between. (data::to_array_literal does the same for texts
// that exist already.)
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/time.h"
#include "core/uuid.h"

namespace auterity::engine {

class ArrayText {
 public:
  void add(std::string_view text);
  void add(const std::string& text) { add(std::string_view(text)); }
  void add(const char* text) { add(std::string_view(text)); }
  void add(const std::optional<std::string>& text);
  void add(std::int64_t number);
  void add(const Uuid& id);
  void add(Time time);
  void add(std::optional<Time> time);
  void add_null();

  // The finished literal; the column is empty afterwards.
  std::string take();

 private:
  void separate();
  std::string text_ = "{";
};

}  // namespace auterity::engine
