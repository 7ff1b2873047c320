#include "cli/command_line.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "cli/help.h"
#include "cli/version.h"
#include "core/spelling.h"

namespace auterity::cli {
namespace {

bool asks_for_help(const std::vector<std::string>& arguments) {
  for (const std::string& argument : arguments) {
    if (argument == "--") return false;
    if (argument == "--help" || argument == "-h") return true;
  }
  return false;
}

// Takes the common options that stand before the command's name off the front of `rest`.
Result<std::vector<std::string>> take_leading_options(std::vector<std::string>& rest) {
  static constexpr std::array kFlags{"--yes", "--json"};
  static constexpr std::array kValues{"-e", "--environment", "--reason", "--log-format"};
  std::vector<std::string> taken;
  while (!rest.empty() && rest.front().starts_with('-')) {
    const std::string name = rest.front().substr(0, rest.front().find('='));
    const bool joined = name.size() != rest.front().size();
    if (asks_for_help({name})) break;
    if (std::ranges::find(kFlags, name) != kFlags.end()) {
      taken.push_back(rest.front());
      rest.erase(rest.begin());
    } else if (std::ranges::find(kValues, name) != kValues.end()) {
      const std::size_t count = joined || rest.size() < 2 ? 1 : 2;
      taken.insert(taken.end(), rest.begin(), rest.begin() + static_cast<std::ptrdiff_t>(count));
      rest.erase(rest.begin(), rest.begin() + static_cast<std::ptrdiff_t>(count));
    } else {
      return fail(ErrorKind::invalid_input, fmt::format("unknown option {}", rest.front()),
                  "options of a command stand after its name; see: auterity --help");
    }
  }
  return taken;
}

std::vector<std::string> second_words(const CommandList& commands, std::string_view first) {
  std::vector<std::string> words;
  for (const CommandPtr& command : commands) {
    const auto name = words_of(command->facts().name);
    if (name.size() > 1 && name.front() == first) words.push_back(name[1]);
  }
  return words;
}

std::unexpected<Error> unknown_command(const CommandList& commands,
                                       const std::vector<std::string>& rest) {
  const auto words = second_words(commands, rest.front());
  if (!words.empty()) {
    std::string message = rest.size() == 1 || rest[1].starts_with('-')
                              ? fmt::format("`auterity {}` needs one more word", rest.front())
                              : fmt::format("unknown command `auterity {} {}`", rest[0], rest[1]);
    return fail(ErrorKind::invalid_input, std::move(message),
                fmt::format("one of: {}", fmt::join(words, ", ")));
  }
  std::vector<std::string> names;
  for (const CommandPtr& command : commands)
    names.push_back(words_of(command->facts().name).front());
  const std::string* similar = find_similar(rest.front(), names);
  return fail(ErrorKind::invalid_input, fmt::format("unknown command {}", rest.front()),
              similar ? fmt::format("did you mean: auterity {}", *similar)
                      : "the commands are listed by: auterity --help");
}

// The command whose words begin `rest`, longest first; its words are taken off.
Result<Command*> take_command(std::vector<std::string>& rest, const CommandList& commands) {
  Command* best = nullptr;
  std::size_t best_words = 0;
  for (const CommandPtr& command : commands) {
    const auto words = words_of(command->facts().name);
    if (words.size() > best_words && words.size() <= rest.size() &&
        std::equal(words.begin(), words.end(), rest.begin())) {
      best = command.get();
      best_words = words.size();
    }
  }
  if (!best) return unknown_command(commands, rest);
  rest.erase(rest.begin(), rest.begin() + static_cast<std::ptrdiff_t>(best_words));
  return best;
}

// ---- one option at a time
// ------------------------------------------------------------------------------------------
std::string seconds_problem(const std::string& text, bool zero, std::optional<Duration>& target) {
  double seconds = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, seconds, std::chars_format::fixed);
  if (error != std::errc{} || stop != end || !std::isfinite(seconds) || seconds < 0 ||
      (seconds == 0 && !zero) || seconds > 1e9)
    return fmt::format("{} is not a number of seconds{}", text, zero ? ", 0 or more" : " above 0");
  target = std::chrono::duration_cast<Duration>(std::chrono::duration<double>(seconds));
  return {};
}

std::string number_problem(const std::string& text, const NumberRange& range,
                           std::int64_t& target) {
  std::int64_t number = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc{} || stop != end) return fmt::format("{} is not a whole number", text);
  if (number < range.least || number > range.most)
    return range.most == NumberRange{}.most
               ? fmt::format("{} is less than {}", number, range.least)
               : fmt::format("{} is not between {} and {}", number, range.least, range.most);
  target = number;
  return {};
}

std::string choice_problem(const std::string& text, const OptionFacts& option) {
  const auto& choices = option.choices;
  if (choices.empty()) return {};
  for (const auto& words : {choices, option.hidden_choices})
    if (std::ranges::find(words, text) != words.end()) return {};
  return fmt::format("{} is not one of {}", text, fmt::join(choices, ", "));
}

// Stores one value of `option`; what is wrong with it, or nothing.
std::string store_value(const OptionFacts& option, const std::string& text) {
  struct Store {
    const OptionFacts& option;
    const std::string& text;
    std::string operator()(bool* target) const { return *target = true, std::string(); }
    std::string operator()(std::string* target) const {
      *target = text;
      return choice_problem(text, option);
    }
    std::string operator()(std::optional<std::string>* target) const {
      *target = text;
      return choice_problem(text, option);
    }
    std::string operator()(std::vector<std::string>* target) const {
      target->push_back(text);
      return choice_problem(text, option);
    }
    std::string operator()(std::int64_t* target) const {
      return number_problem(text, option.range, *target);
    }
    std::string operator()(std::optional<std::int64_t>* target) const {
      return number_problem(text, option.range, target->emplace());
    }
    std::string operator()(std::optional<Duration>* target) const {
      return seconds_problem(text, option.zero, *target);
    }
  };
  return std::visit(Store{option, text}, option.target);
}

bool takes_many(const OptionFacts& option) {
  return std::holds_alternative<std::vector<std::string>*>(option.target);
}

// What CLI11 calls a word out of choices: it knows positional arguments by names without dashes,
// and a choice's placeholder ("on|off") is no name to it.
constexpr const char* kWord = "word";

// `meant`: the choice that is like the one that was given.
void add_option(CLI::App& parser, const OptionFacts& facts, std::string& meant) {
  if (const auto* flag = std::get_if<bool*>(&facts.target)) {
    parser.add_flag(facts.names, **flag, facts.help);
    return;
  }
  const bool is_word = facts.positional && !facts.choices.empty();
  const std::string name = is_word ? kWord : facts.names;
  CLI::callback_t store = [&facts, &meant, is_word](const CLI::results_t& values) {
    for (const std::string& value : values)
      if (const std::string problem = store_value(facts, value); !problem.empty()) {
        if (const std::string* similar = find_similar(value, facts.choices)) meant = *similar;
        throw CLI::ValidationError(is_word            ? kWord
                                   : facts.positional ? facts.placeholder
                                                      : facts.names,
                                   problem);
      }
    return true;
  };
  CLI::Option* option = parser.add_option(name, std::move(store), facts.help);
  option->required(facts.required);
  if (!takes_many(facts)) {
    option->expected(1)->allow_extra_args(false);
  } else if (facts.positional) {
    option->expected(facts.required ? 1 : 0, CLI::detail::expected_max_vector_size)
        ->allow_extra_args();
  } else {
    option->expected(1)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
        ->allow_extra_args(false);
  }
}

std::string longest_name(const std::string& names) {
  const std::size_t comma = names.rfind(',');
  return comma == std::string::npos ? names : names.substr(comma + 1);
}

// What CLI11 found wrong, in this project's words.
std::string problem_text(const CLI::ParseError& error, const CLI::App& parser,
                         const std::vector<OptionFacts>& options) {
  if (dynamic_cast<const CLI::ExtrasError*>(&error)) {
    const auto extras = parser.remaining();
    const std::string first = extras.empty() ? "" : extras.front();
    return fmt::format("{} {}", first.starts_with('-') ? "unknown option" : "unexpected argument",
                       first);
  }
  if (dynamic_cast<const CLI::RequiredError*>(&error)) {
    for (const OptionFacts& option : options)
      if (option.required && parser.count(option.choices.empty() ? option.names : kWord) == 0)
        return fmt::format("{} is missing", option.placeholder);
  }
  if (dynamic_cast<const CLI::ValidationError*>(&error)) {
    const std::string text = error.what();
    const std::size_t colon = text.find(": ");
    if (colon == std::string::npos) return text;
    const std::string name = text.substr(0, colon);
    // The words that would do are in the problem already.
    return name == kWord ? text.substr(colon + 2)
                         : fmt::format("{}: {}", longest_name(name), text.substr(colon + 2));
  }
  for (const OptionFacts& option : options)
    if (!option.positional && std::string_view(error.what()).find(longest_name(option.names)) == 0)
      return fmt::format("{} takes one value, {}, and stands once", longest_name(option.names),
                         option.placeholder.empty() ? "or none" : option.placeholder);
  return error.what();
}

std::string similar_option_hint(const CLI::App& parser, const std::vector<OptionFacts>& options,
                                std::string_view command) {
  const auto extras = parser.remaining();
  std::vector<std::string> names;
  for (const OptionFacts& option : options)
    if (!option.positional) names.push_back(longest_name(option.names));
  const std::string* similar = extras.empty() || !extras.front().starts_with("--")
                                   ? nullptr
                                   : find_similar(extras.front(), names);
  return similar ? fmt::format("did you mean: {}", *similar)
                 : fmt::format("see: auterity {} --help", command);
}

Status parse_options(std::vector<std::string> arguments, Command& command, CommonOptions& common) {
  OptionSet options;
  command.declare(options);
  declare_common_options(options, common);
  CLI::App parser;
  parser.set_help_flag();
  std::string meant;
  for (const OptionFacts& facts : options.options()) add_option(parser, facts, meant);
  std::ranges::reverse(arguments);  // the order that CLI11 wants
  try {
    parser.parse(std::move(arguments));
  } catch (const CLI::ParseError& error) {
    return fail(ErrorKind::invalid_input, problem_text(error, parser, options.options()),
                meant.empty() ? similar_option_hint(parser, options.options(), command.facts().name)
                              : "did you mean: " + meant);
  }
  return {};
}

}  // namespace

bool asks_for_json(const std::vector<std::string>& arguments) {
  return std::find(arguments.begin(), std::ranges::find(arguments, "--"), "--json") !=
         std::ranges::find(arguments, "--");
}

Result<CommandLine> parse_command_line(std::vector<std::string> arguments,
                                       const CommandList& commands,
                                       const EnvironmentVariables& variables) {
  CommandLine line;
  if (const std::string* name = find_variable(variables, "AUTERITY_ENVIRONMENT"))
    line.common.environment = *name;
  if (!arguments.empty() && arguments.front() == "help") {
    arguments.erase(arguments.begin());
    arguments.push_back("--help");
  }
  if (arguments.empty()) {
    line.text = help_text(commands);
    return line;
  }
  if (arguments.front() == "--version" || arguments.front() == "-V") {
    line.text = version_text() + "\n";
    return line;
  }
  AUTERITY_TRY(leading, take_leading_options(arguments));
  if (arguments.empty())
    return fail(ErrorKind::invalid_input, "no command was given",
                "the commands are listed by: auterity --help");
  if (asks_for_help({arguments.front()})) {
    line.text = help_text(commands);
    return line;
  }
  if (asks_for_help(arguments) && !second_words(commands, arguments.front()).empty() &&
      arguments[1].starts_with('-')) {
    line.text = help_text(commands, arguments.front());
    return line;
  }
  AUTERITY_TRY(command, take_command(arguments, commands));
  if (asks_for_help(arguments)) {
    line.text = help_text(*command);
    return line;
  }
  arguments.insert(arguments.begin(), leading.begin(), leading.end());
  AUTERITY_CHECK(parse_options(std::move(arguments), *command, line.common));
  line.command = command;
  return line;
}

}  // namespace auterity::cli
