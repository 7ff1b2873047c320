#pragma once
// The settings of the roles `serve` and `work`: one table from which reading, checking, `auterity
// settings` and the reference page come. Twelve-factor: environment variables alone. A secret's
// value never appears in an error or a listing.
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "core/error.h"

namespace auterity {

using Environment = std::map<std::string, std::string>;

struct SettingRow {
  std::string_view name;      // environment variable
  std::string_view fallback;  // default value; empty: none
  bool required = false;      // for serve and work
  bool secret = false;
  std::string_view help;
};

// Every setting, in the order of the reference page.
std::span<const SettingRow> setting_rows();
// What a process gets that nobody tells otherwise. `name` must be in the table, with a whole number
// (asserted).
long default_number(std::string_view name);

class Settings {
 public:
  // not_ready naming every required setting that is missing or empty.
  static Result<Settings> read(const Environment& environment);
  // Value or default; empty when neither is there. `name` must be in the table (asserted).
  const std::string& text(std::string_view name) const;
  // invalid_input naming the setting when it is not a whole number in [low, high].
  Result<long> number(std::string_view name, long low, long high) const;
  bool is_set(std::string_view name) const;  // given by the environment, not by default

 private:
  std::map<std::string, std::string, std::less<>> values_;
  std::map<std::string, bool, std::less<>> given_;
};

}  // namespace auterity
