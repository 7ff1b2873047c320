#include "core/metrics.h"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <map>
#include <mutex>

namespace auterity {
namespace {

class PrometheusCounter final : public Counter {
 public:
  explicit PrometheusCounter(prometheus::Counter& metric) : metric_(metric) {}
  void add(double amount) override { metric_.Increment(amount); }

 private:
  prometheus::Counter& metric_;
};

class PrometheusGauge final : public Gauge {
 public:
  explicit PrometheusGauge(prometheus::Gauge& metric) : metric_(metric) {}
  void set(double value) override { metric_.Set(value); }
  void add(double amount) override { metric_.Increment(amount); }

 private:
  prometheus::Gauge& metric_;
};

class PrometheusHistogram final : public Histogram {
 public:
  explicit PrometheusHistogram(prometheus::Histogram& metric) : metric_(metric) {}
  void observe(double value) override { metric_.Observe(value); }

 private:
  prometheus::Histogram& metric_;
};

prometheus::Labels to_labels(MetricLabels labels) {
  prometheus::Labels result;
  for (const auto& [name, value] : labels) result.emplace(name, value);
  return result;
}

class PrometheusMetrics final : public Metrics {
 public:
  Counter& counter(std::string_view name, std::string_view help, MetricLabels labels) override {
    const std::lock_guard lock(mutex_);
    auto& family = prometheus::BuildCounter()
                       .Name(std::string(name))
                       .Help(std::string(help))
                       .Register(registry_);
    return handle(counters_, family.Add(to_labels(labels)));
  }

  Gauge& gauge(std::string_view name, std::string_view help, MetricLabels labels) override {
    const std::lock_guard lock(mutex_);
    auto& family = prometheus::BuildGauge()
                       .Name(std::string(name))
                       .Help(std::string(help))
                       .Register(registry_);
    return handle(gauges_, family.Add(to_labels(labels)));
  }

  Histogram& histogram(std::string_view name, std::string_view help, std::vector<double> bounds,
                       MetricLabels labels) override {
    const std::lock_guard lock(mutex_);
    auto& family = prometheus::BuildHistogram()
                       .Name(std::string(name))
                       .Help(std::string(help))
                       .Register(registry_);
    return handle(histograms_, family.Add(to_labels(labels), bounds));
  }

  std::string expose() const override {
    return prometheus::TextSerializer().Serialize(registry_.Collect());
  }

 private:
  // The wrapper of `metric`, made on first sight; prometheus-cpp keeps the metric itself at a
  // stable address.
  template <typename Wrapper, typename Metric>
  Wrapper& handle(std::map<const void*, std::unique_ptr<Wrapper>>& handles, Metric& metric) {
    auto& wrapper = handles[&metric];
    if (!wrapper) wrapper = std::make_unique<Wrapper>(metric);
    return *wrapper;
  }

  std::mutex mutex_;
  prometheus::Registry registry_{prometheus::Registry::InsertBehavior::Merge};
  std::map<const void*, std::unique_ptr<PrometheusCounter>> counters_;
  std::map<const void*, std::unique_ptr<PrometheusGauge>> gauges_;
  std::map<const void*, std::unique_ptr<PrometheusHistogram>> histograms_;
};

}  // namespace

std::unique_ptr<Metrics> make_metrics() { return std::make_unique<PrometheusMetrics>(); }

}  // namespace auterity
