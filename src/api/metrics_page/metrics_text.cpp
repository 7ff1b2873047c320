#include "api/metrics_page/metrics_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <iterator>
#include <unordered_map>

namespace auterity::api {
namespace {

struct Family {
  std::string name;
  std::string help_line;
  std::string type_line;
  std::vector<std::pair<std::string, double>> samples;  // name{labels}, in order of appearance
  std::unordered_map<std::string, std::size_t> places;
};

struct Families {
  std::vector<Family> all;
  std::unordered_map<std::string, std::size_t> places;

  Family& named(std::string_view name) {
    const auto [place, is_new] = places.try_emplace(std::string(name), all.size());
    if (is_new) all.emplace_back().name = name;
    return all[place->second];
  }
};

std::string_view word(std::string_view text, std::size_t index) {
  while (true) {
    const std::size_t end = std::min(text.find(' '), text.size());
    if (index-- == 0) return text.substr(0, end);
    if (end == text.size()) return {};
    text.remove_prefix(end + 1);
  }
}

bool is_point_in_time(std::string_view name) {
  return name.ends_with("_timestamp_seconds") || name.ends_with("_start_time_seconds");
}

void add_sample(Family& family, std::string_view line) {
  const std::size_t brace = line.rfind('}');
  const std::size_t space = line.find(' ', brace == std::string_view::npos ? 0 : brace);
  if (space == std::string_view::npos) return;
  const std::string series(line.substr(0, space));
  const std::string_view number = word(line.substr(space + 1), 0);
  double value = 0;
  const auto parsed = std::from_chars(number.data(), number.data() + number.size(), value);
  if (parsed.ec != std::errc()) return;
  const auto [place, is_new] = family.places.try_emplace(series, family.samples.size());
  if (is_new) {
    family.samples.emplace_back(series, value);
    return;
  }
  double& sum = family.samples[place->second].second;
  sum = is_point_in_time(family.name) ? std::max(sum, value) : sum + value;
}

void read_page(Families& families, std::string_view page) {
  Family* current = nullptr;
  while (!page.empty()) {
    const std::size_t end = std::min(page.find('\n'), page.size());
    const std::string_view line = page.substr(0, end);
    page.remove_prefix(std::min(end + 1, page.size()));
    if (line.starts_with("# HELP ")) {
      current = &families.named(word(line, 2));
      if (current->help_line.empty()) current->help_line = line;
    } else if (line.starts_with("# TYPE ")) {
      current = &families.named(word(line, 2));
      if (current->type_line.empty()) current->type_line = line;
    } else if (!line.empty() && line.front() != '#' && current && line.starts_with(current->name)) {
      add_sample(*current, line);
    }
  }
}

void append_number(std::string& out, double value) {
  if (std::isnan(value))
    out += "NaN";
  else if (std::isinf(value))
    out += value > 0 ? "+Inf" : "-Inf";
  else
    fmt::format_to(std::back_inserter(out), "{}", value);
}

}  // namespace

std::string add_up_metrics(const std::vector<std::string>& pages) {
  Families families;
  for (const std::string& page : pages) read_page(families, page);
  std::string out;
  for (const Family& family : families.all) {
    if (!family.help_line.empty()) out.append(family.help_line).append("\n");
    if (!family.type_line.empty()) out.append(family.type_line).append("\n");
    for (const auto& [series, value] : family.samples) {
      out.append(series).append(" ");
      append_number(out, value);
      out.append("\n");
    }
  }
  return out;
}

}  // namespace auterity::api
