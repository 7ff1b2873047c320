#include "cli/help.h"

#include <fmt/format.h>

#include <algorithm>

namespace auterity::cli {
namespace {

constexpr std::size_t kColumns = 100;

struct Entry {
  std::string left;
  std::string right;
};

// Breaks at spaces so that no line of `text`, standing `indent` columns in, passes the width.
std::string wrapped(std::string_view text, std::size_t indent) {
  std::string result;
  std::size_t column = indent;
  for (const std::string& word : words_of(text)) {
    if (column + word.size() + 1 > kColumns && column > indent) {
      result += '\n' + std::string(indent, ' ');
      column = indent;
    } else if (column > indent) {
      result += ' ';
      ++column;
    }
    result += word;
    column += word.size();
  }
  return result;
}

void append_entries(std::string& text, std::string_view heading,
                    const std::vector<Entry>& entries) {
  if (entries.empty()) return;
  std::size_t width = 0;
  for (const Entry& entry : entries) width = std::max(width, entry.left.size());
  width = std::min<std::size_t>(width, 34);
  text += fmt::format("\n{}:\n", heading);
  for (const Entry& entry : entries) {
    text += "  " + entry.left;
    if (entry.left.size() > width)
      text += '\n' + std::string(width + 4, ' ');
    else
      text.append(width - entry.left.size() + 2, ' ');
    text += wrapped(entry.right, width + 4) + '\n';
  }
}

bool takes_many(const OptionFacts& option) {
  return std::holds_alternative<std::vector<std::string>*>(option.target);
}

std::string spelled(const OptionFacts& option) {
  if (option.positional) return option.placeholder;
  std::string names = option.names;
  if (const std::size_t comma = names.find(','); comma != std::string::npos)
    names.insert(comma + 1, " ");
  return option.placeholder.empty() ? names : names + " " + option.placeholder;
}

// What the variable behind an option holds before the command line is read.
std::string default_text(const OptionFacts& option) {
  if (option.required) return {};
  if (const auto* text = std::get_if<std::string*>(&option.target))
    return (*text)->empty() ? std::string() : fmt::format(" (default: {})", **text);
  if (const auto* number = std::get_if<std::int64_t*>(&option.target))
    return fmt::format(" (default: {})", **number);
  return {};
}

std::string usage_line(const CommandFacts& facts, const OptionSet& options) {
  std::string line = fmt::format("usage: auterity {}", facts.name);
  for (const OptionFacts& option : options.options()) {
    if (!option.positional) continue;
    const std::string word = option.placeholder + (takes_many(option) ? "…" : "");
    line += option.required ? " " + word : fmt::format(" [{}]", word);
  }
  return line + " [OPTIONS]\n";
}

}  // namespace

std::vector<std::string> words_of(std::string_view name) {
  std::vector<std::string> words;
  while (!name.empty()) {
    const std::size_t end = std::min(name.find(' '), name.size());
    if (end > 0) words.emplace_back(name.substr(0, end));
    name.remove_prefix(std::min(end + 1, name.size()));
  }
  return words;
}

std::string help_text(const CommandList& commands) {
  static constexpr auto kGroups = {
      CommandGroup::workflows, CommandGroup::platform,  CommandGroup::releases, CommandGroup::data,
      CommandGroup::accounts,  CommandGroup::processes, CommandGroup::program};
  std::string text =
      "auterity runs workflows durably, and operates the platform that runs them.\n\n"
      "usage: auterity COMMAND [OPTIONS]\n";
  std::size_t width = 0;
  for (const CommandPtr& command : commands) width = std::max(width, command->facts().name.size());
  for (const CommandGroup group : kGroups) {
    std::vector<Entry> entries;
    for (const CommandPtr& command : commands) {
      const CommandFacts facts = command->facts();
      if (facts.group != group) continue;
      entries.push_back({fmt::format("{:<{}}", facts.name, width), std::string(facts.summary)});
    }
    append_entries(text, title(group), entries);
  }
  text += "\nwhat a command takes: auterity COMMAND --help\n";
  return text;
}

std::string help_text(const CommandList& commands, std::string_view word) {
  std::string text = fmt::format("usage: auterity {} WORD [OPTIONS]\n", word);
  std::vector<Entry> entries;
  for (const CommandPtr& command : commands) {
    const CommandFacts facts = command->facts();
    if (words_of(facts.name).front() == word)
      entries.push_back({std::string(facts.name), std::string(facts.summary)});
  }
  append_entries(text, "commands", entries);
  return text;
}

std::string help_text(Command& command) {
  const CommandFacts facts = command.facts();
  OptionSet own;
  command.declare(own);
  OptionSet every;
  CommonOptions defaults;
  declare_common_options(every, defaults);
  std::string text = fmt::format("{}\n{}.\n", usage_line(facts, own), facts.summary);
  if (!facts.details.empty()) text += fmt::format("\n{}\n", facts.details);
  std::vector<Entry> arguments, options, common;
  for (const OptionFacts& option : own.options())
    (option.positional ? arguments : options)
        .push_back({spelled(option), option.help + default_text(option)});
  for (const OptionFacts& option : every.options())
    common.push_back({spelled(option), option.help});
  common.push_back({"-h, --help", "this text"});
  append_entries(text, "arguments", arguments);
  append_entries(text, "options", options);
  append_entries(text, "options of every command", common);
  return text;
}

}  // namespace auterity::cli
