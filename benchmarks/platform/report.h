#pragma once
// What was measured, as a table for people and a JSON document for comparison. A figure is the
// median of its runs; minimum and maximum stand beside it, for a shared machine is noisy.
#include <optional>
#include <string>
#include <vector>

#include "core/json.h"

namespace auterity::benchmark {

struct Figure {
  std::string what;
  std::string unit;              // "/s", "ms", "MiB", "rows", "× nginx"
  std::vector<double> runs;      // at least one
  std::optional<double> target;  // of the design
  bool higher_is_better = true;
};

double median(std::vector<double> values);

class Report {
 public:
  Report(std::string machine, std::string commit)
      : machine_(std::move(machine)), commit_(std::move(commit)) {}
  void add(Figure figure) { figures_.push_back(std::move(figure)); }
  void note(std::string text) { notes_.push_back(std::move(text)); }
  std::string table() const;
  Json json() const;

 private:
  std::string machine_, commit_;
  std::vector<Figure> figures_;
  std::vector<std::string> notes_;
};

}  // namespace auterity::benchmark
