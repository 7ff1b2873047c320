#pragma once
// What a command accepts, declared once: parser, --help and reference page come from it. A
// declaration binds an option to a variable of the command, which holds the default until the
// command line says otherwise. Parsing is in command_line.h; nothing here reads arguments.
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/time.h"

namespace auterity::cli {

struct NumberRange {
  std::int64_t least = 0;
  std::int64_t most = std::numeric_limits<std::int64_t>::max();
};

// Where a value goes; the type says how its text is read. Duration is seconds with an optional
// fraction ("90", "0.5").
using OptionTarget =
    std::variant<bool*, std::string*, std::optional<std::string>*, std::vector<std::string>*,
                 std::int64_t*, std::optional<std::int64_t>*, std::optional<Duration>*>;

struct OptionFacts {
  std::string names;  // "-e,--environment"; for positional arguments the placeholder alone, "FILE"
  std::string placeholder;  // "NAME"; empty for flags
  std::string help;         // one sentence, lower case
  OptionTarget target;
  NumberRange range;                 // for numbers
  std::vector<std::string> choices;  // for text: the words that are accepted; empty: any
  std::vector<std::string> hidden_choices = {};  // accepted as well, and never named
  bool zero = false;                             // for seconds: whether 0 is one
  bool positional = false;
  bool required = false;
};

class OptionSet {
 public:
  void flag(std::string names, bool& target, std::string help);
  void text(std::string names, std::string placeholder, std::string& target, std::string help);
  void text(std::string names, std::string placeholder, std::optional<std::string>& target,
            std::string help);
  // One of `choices`.
  void choice(std::string names, std::vector<std::string> choices, std::string& target,
              std::string help);
  void choice(std::string names, std::vector<std::string> choices,
              std::optional<std::string>& target, std::string help);
  // May be given several times; each takes one value.
  void list(std::string names, std::string placeholder, std::vector<std::string>& target,
            std::string help);
  void number(std::string names, std::string placeholder, std::int64_t& target, NumberRange range,
              std::string help);
  void number(std::string names, std::string placeholder, std::optional<std::int64_t>& target,
              NumberRange range, std::string help);
  // Seconds, more than zero, with an optional fraction.
  void seconds(std::string names, std::optional<Duration>& target, std::string help);
  // The same, or zero.
  void seconds_or_zero(std::string names, std::optional<Duration>& target, std::string help);

  // Positional arguments, in order.
  void required_argument(std::string placeholder, std::string& target, std::string help);
  void optional_argument(std::string placeholder, std::optional<std::string>& target,
                         std::string help);
  // A word out of `choices`: `autoscale on|off`. `hidden`: words for the platform's own use.
  void required_choice(std::vector<std::string> choices, std::string& target, std::string help,
                       std::vector<std::string> hidden = {});
  void optional_choice(std::vector<std::string> choices, std::optional<std::string>& target,
                       std::string help);
  // One or more, until the end.
  void required_arguments(std::string placeholder, std::vector<std::string>& target,
                          std::string help);
  void optional_arguments(std::string placeholder, std::vector<std::string>& target,
                          std::string help);

  const std::vector<OptionFacts>& options() const { return options_; }

 private:
  std::vector<OptionFacts> options_;
};

}  // namespace auterity::cli
