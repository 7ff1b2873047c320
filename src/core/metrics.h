#pragma once
// Metrics by prometheus-cpp behind a small face: families are declared once with their help and
// labels, handles are resolved once and kept (a family and a histogram hold a mutex), an update
// afterwards is one atomic addition.
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace auterity {

using MetricLabels = std::initializer_list<std::pair<std::string_view, std::string_view>>;

class Counter {
 public:
  virtual ~Counter() = default;
  virtual void add(double amount = 1) = 0;
};
class Gauge {
 public:
  virtual ~Gauge() = default;
  virtual void set(double value) = 0;
  virtual void add(double amount) = 0;
};
class Histogram {
 public:
  virtual ~Histogram() = default;
  virtual void observe(double value) = 0;
};

class Metrics {
 public:
  virtual ~Metrics() = default;
  // The same name and labels give the same handle; handles live as long as the registry. Names and
  // help follow https://prometheus.io/docs/practices/naming/ (base units, _total for counters).
  virtual Counter& counter(std::string_view name, std::string_view help,
                           MetricLabels labels = {}) = 0;
  virtual Gauge& gauge(std::string_view name, std::string_view help, MetricLabels labels = {}) = 0;
  virtual Histogram& histogram(std::string_view name, std::string_view help,
                               std::vector<double> bounds, MetricLabels labels = {}) = 0;
  // Prometheus text format 0.0.4.
  virtual std::string expose() const = 0;
};

std::unique_ptr<Metrics> make_metrics();

}  // namespace auterity
