#include "cli/option_set.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace auterity::cli {
namespace {

OptionFacts option(std::string names, std::string placeholder, OptionTarget target,
                   std::string help) {
  return {.names = std::move(names),
          .placeholder = std::move(placeholder),
          .help = std::move(help),
          .target = target};
}

OptionFacts argument(std::string placeholder, OptionTarget target, std::string help,
                     bool required) {
  OptionFacts facts = option(placeholder, placeholder, target, std::move(help));
  facts.positional = true;
  facts.required = required;
  return facts;
}

OptionFacts with_choices(OptionFacts facts, std::vector<std::string> choices) {
  facts.choices = std::move(choices);
  return facts;
}

OptionFacts with_range(OptionFacts facts, NumberRange range) {
  facts.range = range;
  return facts;
}

std::string alternatives(const std::vector<std::string>& choices) {
  return fmt::format("{}", fmt::join(choices, "|"));
}

}  // namespace

void OptionSet::flag(std::string names, bool& target, std::string help) {
  options_.push_back(option(std::move(names), "", &target, std::move(help)));
}

void OptionSet::text(std::string names, std::string placeholder, std::string& target,
                     std::string help) {
  options_.push_back(option(std::move(names), std::move(placeholder), &target, std::move(help)));
}

void OptionSet::text(std::string names, std::string placeholder, std::optional<std::string>& target,
                     std::string help) {
  options_.push_back(option(std::move(names), std::move(placeholder), &target, std::move(help)));
}

void OptionSet::choice(std::string names, std::vector<std::string> choices, std::string& target,
                       std::string help) {
  std::string placeholder = alternatives(choices);
  options_.push_back(
      with_choices(option(std::move(names), std::move(placeholder), &target, std::move(help)),
                   std::move(choices)));
}

void OptionSet::choice(std::string names, std::vector<std::string> choices,
                       std::optional<std::string>& target, std::string help) {
  std::string placeholder = alternatives(choices);
  options_.push_back(
      with_choices(option(std::move(names), std::move(placeholder), &target, std::move(help)),
                   std::move(choices)));
}

void OptionSet::list(std::string names, std::string placeholder, std::vector<std::string>& target,
                     std::string help) {
  options_.push_back(option(std::move(names), std::move(placeholder), &target, std::move(help)));
}

void OptionSet::number(std::string names, std::string placeholder, std::int64_t& target,
                       NumberRange range, std::string help) {
  options_.push_back(with_range(
      option(std::move(names), std::move(placeholder), &target, std::move(help)), range));
}

void OptionSet::number(std::string names, std::string placeholder,
                       std::optional<std::int64_t>& target, NumberRange range, std::string help) {
  options_.push_back(with_range(
      option(std::move(names), std::move(placeholder), &target, std::move(help)), range));
}

void OptionSet::seconds(std::string names, std::optional<Duration>& target, std::string help) {
  options_.push_back(option(std::move(names), "SECONDS", &target, std::move(help)));
}

void OptionSet::seconds_or_zero(std::string names, std::optional<Duration>& target,
                                std::string help) {
  seconds(std::move(names), target, std::move(help));
  options_.back().zero = true;
}

void OptionSet::required_argument(std::string placeholder, std::string& target, std::string help) {
  options_.push_back(argument(std::move(placeholder), &target, std::move(help), true));
}

void OptionSet::optional_argument(std::string placeholder, std::optional<std::string>& target,
                                  std::string help) {
  options_.push_back(argument(std::move(placeholder), &target, std::move(help), false));
}

void OptionSet::required_choice(std::vector<std::string> choices, std::string& target,
                                std::string help, std::vector<std::string> hidden) {
  OptionFacts facts = argument(alternatives(choices), &target, std::move(help), true);
  facts.hidden_choices = std::move(hidden);
  options_.push_back(with_choices(std::move(facts), std::move(choices)));
}

void OptionSet::optional_choice(std::vector<std::string> choices,
                                std::optional<std::string>& target, std::string help) {
  OptionFacts facts = argument(alternatives(choices), &target, std::move(help), false);
  options_.push_back(with_choices(std::move(facts), std::move(choices)));
}

void OptionSet::required_arguments(std::string placeholder, std::vector<std::string>& target,
                                   std::string help) {
  options_.push_back(argument(std::move(placeholder), &target, std::move(help), true));
}

void OptionSet::optional_arguments(std::string placeholder, std::vector<std::string>& target,
                                   std::string help) {
  options_.push_back(argument(std::move(placeholder), &target, std::move(help), false));
}

}  // namespace auterity::cli
