#pragma once
// Keeping secrets out of whatever is written: by name (a field called "password" is masked whatever
// it holds) and by value (strings registered as secret are replaced wherever they occur). Values
// shorter than 6 characters are not searched for: they would mask ordinary text and tell more than
// they hide.
#include <string>
#include <string_view>
#include <vector>

#include "core/json.h"

namespace auterity {

inline constexpr std::string_view kMask = "***";

// "password", "access_token", "Authorization", "DATABASE_URL", …; compared without case, "-" and
// "_" alike.
bool is_secret_name(std::string_view name);

class Redactor {
 public:
  // Remembers `value`; the empty and the short are ignored.
  void add(std::string value);
  bool empty() const { return values_.empty(); }
  std::string redact(std::string_view text) const;
  // Every string of `value` by value, every member by name as well when `by_name`.
  Json redact(const Json& value, bool by_name) const;

 private:
  std::vector<std::string>
      values_;  // longest first, so that a secret that holds another is masked whole
};

}  // namespace auterity
