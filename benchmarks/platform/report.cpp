#include "report.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

namespace auterity::benchmark {
namespace {

bool is_met(const Figure& figure) {
  const double value = median(figure.runs);
  return figure.higher_is_better ? value >= *figure.target : value <= *figure.target;
}

std::string show(double value) {
  return value >= 1000 ? fmt::format("{:.0f}", value) : fmt::format("{:.3g}", value);
}

}  // namespace

double median(std::vector<double> values) {
  std::ranges::sort(values);
  const std::size_t middle = values.size() / 2;
  return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

std::string Report::table() const {
  std::string text = fmt::format("machine: {}\ncommit:  {}\n\n", machine_, commit_);
  text += fmt::format("{:<58} {:>10} {:<8} {:>10} {:>10} {:>5}  {}\n", "what", "median", "unit",
                      "min", "max", "runs", "target");
  for (const Figure& figure : figures_) {
    const auto [low, high] = std::ranges::minmax(figure.runs);
    const std::string target =
        !figure.target ? ""
                       : fmt::format("{}{} {}", figure.higher_is_better ? "≥ " : "≤ ",
                                     show(*figure.target), is_met(figure) ? "met" : "MISSED");
    text += fmt::format("{:<58} {:>10} {:<8} {:>10} {:>10} {:>5}  {}\n", figure.what,
                        show(median(figure.runs)), figure.unit, show(low), show(high),
                        figure.runs.size(), target);
  }
  for (const std::string& line : notes_) text += "\n" + line;
  return text + "\n";
}

Json Report::json() const {
  JsonArray figures;
  for (const Figure& figure : figures_) {
    JsonArray runs;
    for (const double run : figure.runs) runs.push_back(run);
    JsonObject row{{"what", figure.what},
                   {"unit", figure.unit},
                   {"median", median(figure.runs)},
                   {"runs", std::move(runs)}};
    if (figure.target) {
      row["target"] = *figure.target;
      row["met"] = is_met(figure);
    }
    figures.push_back(std::move(row));
  }
  return JsonObject{{"machine", machine_}, {"commit", commit_}, {"figures", std::move(figures)}};
}

}  // namespace auterity::benchmark
