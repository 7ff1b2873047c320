#pragma once
// The environment file, infrastructure/environments/<name>.yml: one table (environment_schema.cpp)
// says which keys there are, what they may hold and what they default to. Reading is strict:
// unknown and doubled keys, wrong types, values out of range and secrets that are not references
// are refused with their line, and so is what contradicts itself (environment_rules.h). A missing
// file is fine for `development` alone, which then has the defaults. An environment variable named
// after a key goes before the file.
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.h"
#include "core/files.h"
#include "core/settings.h"

namespace auterity::operations {

enum class KeyType { text, number, flag, numbers, reference };

struct EnvironmentKey {
  std::string_view path;  // "ports.public"
  KeyType type = KeyType::text;
  std::string_view fallback;  // text form; empty: none
  std::int64_t low = 0;       // number, numbers
  std::int64_t high = 0;
  std::string_view choices;  // text: "local|aws"; empty: any
  std::string_view help;
};
// Every key, in the order of the reference page.
std::span<const EnvironmentKey> environment_keys();
// What the key may hold, for people: "a whole number from 1 to 100".
std::string describe_type(const EnvironmentKey& key);
// The environment variable that goes before the file: ports.public is AUTERITY_PORTS_PUBLIC. Empty
// for what decides protections (environment, target, class): those are said in the file alone.
std::string variable_of(const EnvironmentKey& key);
// The reference page's table of all keys, Markdown.
std::string environment_reference();

class EnvironmentFile {
 public:
  // `file` names the source in messages.
  static Result<EnvironmentFile> parse(std::string_view yaml, const std::string& name,
                                       const std::string& file, const Environment& variables = {});
  // Defaults alone; nothing can be wrong with them.
  static EnvironmentFile defaults(const std::string& name);

  const std::string& name() const { return name_; }
  // Where it was read from; empty for defaults.
  const std::string& file() const { return file_; }

  // `path` must be in the table with that type (asserted). Text is empty and nullopt where neither
  // file nor default has a value.
  const std::string& text(std::string_view path) const;
  std::optional<std::int64_t> find_number(std::string_view path) const;
  std::int64_t number(std::string_view path) const;
  bool flag(std::string_view path) const;
  std::vector<std::int64_t> numbers(std::string_view path) const;
  // The line that says it; 0 for a default.
  int line(std::string_view path) const;
  // Where the value comes from: "staging.yml:12", "AUTERITY_WORKERS", "default", "not set".
  std::string source(std::string_view path) const;

  bool is_production() const { return text("class") == "production"; }

 private:
  struct Value {
    std::string text;
    int line = 0;
    std::string variable;  // that gave it
  };
  Status take_variables(const Environment& variables);
  const Value& value(std::string_view path) const;

  std::string name_;
  std::string file_;
  std::map<std::string, Value, std::less<>> values_;
};

// Looks for <name>.yml in `folders`, in order. not_found when it is in none of them and the name is
// not "development".
Result<EnvironmentFile> load_environment(Files& files, const std::vector<std::string>& folders,
                                         const std::string& name,
                                         const Environment& variables = {});

}  // namespace auterity::operations
