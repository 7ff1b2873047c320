#pragma once
// A family whose facts come from a probe and whose findings come from a judge.
#include <memory>

#include "operations/check/probes.h"
#include "operations/check/verdicts.h"

namespace auterity::operations::check {

template <typename Facts>
class ProbedFamily final : public Family {
 public:
  using Judge = Findings (*)(const Result<Facts>& facts);
  ProbedFamily(std::vector<std::string> ids, Duration limit, Probe<Facts> probe, Judge judge)
      : ids_(std::move(ids)), limit_(limit), probe_(std::move(probe)), judge_(judge) {}

  std::vector<std::string> ids() const override { return ids_; }
  Duration limit() const override { return limit_; }
  Async<Result<std::vector<Finding>>> run(const Subject& subject) override {
    const Result<Facts> facts = co_await probe_(subject);
    co_return judge_(facts);
  }

 private:
  std::vector<std::string> ids_;
  Duration limit_;
  Probe<Facts> probe_;
  Judge judge_;
};

}  // namespace auterity::operations::check
