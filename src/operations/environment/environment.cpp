#include "operations/environment/environment.h"

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <cassert>
#include <charconv>

#include "core/quoted.h"
#include "core/spelling.h"
#include "operations/environment/environment_rules.h"

namespace auterity::operations {
namespace {

std::unexpected<Error> problem(const std::string& file, int line, std::string what,
                               std::string hint) {
  return fail(ErrorKind::invalid_input, fmt::format("{}:{}: {}", file, line, what),
              std::move(hint));
}

const EnvironmentKey* find_key(std::string_view path) {
  for (const EnvironmentKey& key : environment_keys())
    if (key.path == path) return &key;
  return nullptr;
}

bool is_section(std::string_view path) {
  return std::ranges::any_of(environment_keys(), [&](const EnvironmentKey& key) {
    return key.path.size() > path.size() && key.path.starts_with(path) &&
           key.path[path.size()] == '.';
  });
}

std::optional<std::int64_t> parse_number(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const std::size_t end = text.find(separator);
    parts.emplace_back(text.substr(0, end));
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
  }
  return parts;
}

// Empty: fits; else what the key wants.
std::string mismatch(const EnvironmentKey& key, std::string_view text) {
  const auto in_range = [&](std::string_view part) {
    const auto number = parse_number(part);
    return number && *number >= key.low && *number <= key.high;
  };
  switch (key.type) {
    case KeyType::text: {
      const auto choices = split(key.choices, '|');
      return choices.empty() || std::ranges::find(choices, text) != choices.end()
                 ? ""
                 : describe_type(key);
    }
    case KeyType::number:
      return in_range(text) ? "" : describe_type(key);
    case KeyType::flag:
      return text == "true" || text == "false" ? "" : describe_type(key);
    case KeyType::numbers: {
      const auto parts = split(text, ',');
      if (!parts.empty() && std::ranges::all_of(parts, in_range)) return "";
      return describe_type(key);
    }
    case KeyType::reference: {
      for (const std::string_view scheme : {"env:", "file:", "ssm:"})
        if (text.starts_with(scheme) && text.size() > scheme.size()) return "";
      return describe_type(key);
    }
  }
  return "";
}

// Walks one mapping; scalars and lists of scalars land in `found` with their line.
class Reader {
 public:
  using Found = std::map<std::string, std::pair<std::string, int>, std::less<>>;
  Reader(const std::string& file, Found& found) : file_(file), found_(found) {}

  Status section(const YAML::Node& node, const std::string& prefix) {
    for (const auto& entry : node) {
      const int line = entry.first.Mark().line + 1;
      if (!entry.first.IsScalar())
        return problem(file_, line, "a key that is not a word", "write `key: value`");
      const std::string path =
          prefix.empty() ? entry.first.Scalar() : prefix + "." + entry.first.Scalar();
      if (!seen_.emplace(path, line).second)
        return problem(file_, line,
                       fmt::format("{} is given twice, first in line {}", path, seen_[path]),
                       "keep one of them");
      AUTERITY_CHECK(member(entry.second, path, line));
    }
    return {};
  }

 private:
  Status member(const YAML::Node& node, const std::string& path, int line) {
    const EnvironmentKey* key = find_key(path);
    if (key == nullptr) {
      if (!is_section(path)) return unknown(path, line);
      if (!node.IsMap())
        return problem(file_, line, path + " is a section", "write its keys below it, indented");
      return section(node, path);
    }
    std::string text;
    if (node.IsScalar()) {
      text = node.Scalar();
    } else if (key->type == KeyType::numbers && node.IsSequence()) {
      for (const auto& element : node)
        text += (text.empty() ? "" : ",") + (element.IsScalar() ? element.Scalar() : "?");
    } else if (!node.IsNull()) {
      return problem(file_, line, path + " has the wrong shape", std::string(key->help));
    }
    const std::string wanted = mismatch(*key, text);
    if (!wanted.empty())
      return problem(file_, line,
                     key->type == KeyType::reference
                         ? path + " must be " + wanted
                         : fmt::format("{}: {} is not {}", path, auterity::quoted(text), wanted),
                     fmt::format("{}: {}", path, key->help));
    found_.emplace(path, std::pair(std::move(text), line));
    return {};
  }

  std::unexpected<Error> unknown(const std::string& path, int line) {
    std::vector<std::string> known;
    for (const EnvironmentKey& key : environment_keys()) known.emplace_back(key.path);
    const std::string* similar = find_similar(path, known);
    return problem(file_, line, fmt::format("unknown key {}", shortened(path, 80)),
                   similar != nullptr ? fmt::format("did you mean {}?", *similar)
                                      : "see which keys there are: auterity settings --reference");
  }

  const std::string& file_;
  Found& found_;
  std::map<std::string, int> seen_;
};

}  // namespace

EnvironmentFile EnvironmentFile::defaults(const std::string& name) {
  EnvironmentFile environment;
  environment.name_ = name;
  for (const EnvironmentKey& key : environment_keys())
    environment.values_.emplace(key.path, Value{std::string(key.fallback), 0, ""});
  environment.values_.find("environment")->second.text = name;
  return environment;
}

Result<EnvironmentFile> EnvironmentFile::parse(std::string_view yaml, const std::string& name,
                                               const std::string& file,
                                               const Environment& variables) {
  EnvironmentFile environment = defaults(name);
  environment.file_ = file;
  Reader::Found found;
  try {
    const YAML::Node root = YAML::Load(std::string(yaml));
    if (root.IsMap())
      AUTERITY_CHECK(Reader(file, found).section(root, ""));
    else if (!root.IsNull())
      return problem(file, 1, "not a mapping of keys to values", "write `key: value` lines");
  } catch (const YAML::Exception& error) {
    return problem(file, error.mark.line + 1, "not valid YAML: " + error.msg, "mend the line");
  }
  for (auto& [path, value] : found)
    environment.values_.find(path)->second = {std::move(value.first), value.second, ""};
  AUTERITY_CHECK(environment.take_variables(variables));
  AUTERITY_CHECK(check_rules(environment));
  return environment;
}

Status EnvironmentFile::take_variables(const Environment& variables) {
  for (const EnvironmentKey& key : environment_keys()) {
    const std::string variable = variable_of(key);
    const auto given = variable.empty() ? variables.end() : variables.find(variable);
    if (given == variables.end() || given->second.empty()) continue;
    if (!mismatch(key, given->second).empty())
      return fail(ErrorKind::invalid_input,
                  fmt::format("{} is not {}", variable, describe_type(key)),
                  fmt::format("it goes before {} of the environment file: {}", key.path, key.help));
    values_.find(key.path)->second = {given->second, 0, variable};
  }
  return {};
}

std::string EnvironmentFile::source(std::string_view path) const {
  const Value& found = value(path);
  if (!found.variable.empty()) return found.variable;
  if (found.line > 0) return fmt::format("{}:{}", file_, found.line);
  return found.text.empty() ? "not set" : "default";
}

const EnvironmentFile::Value& EnvironmentFile::value(std::string_view path) const {
  const auto found = values_.find(path);
  assert(found != values_.end() && "every key is in the table");
  return found->second;
}

const std::string& EnvironmentFile::text(std::string_view path) const { return value(path).text; }

std::optional<std::int64_t> EnvironmentFile::find_number(std::string_view path) const {
  return parse_number(value(path).text);
}

std::int64_t EnvironmentFile::number(std::string_view path) const {
  const auto number = find_number(path);
  assert(number && "the key has a default");
  return *number;
}

bool EnvironmentFile::flag(std::string_view path) const { return value(path).text == "true"; }

std::vector<std::int64_t> EnvironmentFile::numbers(std::string_view path) const {
  std::vector<std::int64_t> all;
  for (const std::string& part : split(value(path).text, ','))
    all.push_back(parse_number(part).value_or(0));
  return all;
}

int EnvironmentFile::line(std::string_view path) const { return value(path).line; }

Result<EnvironmentFile> load_environment(Files& files, const std::vector<std::string>& folders,
                                         const std::string& name, const Environment& variables) {
  for (const std::string& folder : folders) {
    const std::string path = fmt::format("{}/{}.yml", folder, name);
    if (!files.exists(path)) continue;
    AUTERITY_TRY(text, files.read(path, 1u << 20));
    return EnvironmentFile::parse(text, name, path, variables);
  }
  if (name == "development") return EnvironmentFile::parse("", name, "", variables);
  return fail(ErrorKind::not_found, fmt::format("there is no environment named {}", name),
              fmt::format("describe it in {}/{}.yml",
                          folders.empty() ? "infrastructure/environments" : folders.front(), name));
}

}  // namespace auterity::operations
