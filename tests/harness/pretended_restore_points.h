#pragma once
// Restore points for tests that are not about dumps: it knows which were made, and what it restores
// is what the test does. Only tests of operations include this.
#include <functional>
#include <set>
#include <string>

#include "operations/restore_point.h"

namespace auterity::harness {

class PretendedRestorePoints final : public operations::RestorePoints {
 public:
  using Restore = std::function<Async<Status>(std::string database)>;
  explicit PretendedRestorePoints(Restore restore = {}) : restore_(std::move(restore)) {}

  Async<Result<std::optional<operations::RestorePoint>>> find(std::string name) override {
    if (!made_.contains(name)) co_return std::nullopt;
    co_return operations::RestorePoint{name, "memory", "pretended"};
  }
  Async<Result<operations::RestorePoint>> make(std::string name) override {
    made_.insert(name);
    co_return operations::RestorePoint{name, "memory", "pretended"};
  }
  Async<Status> restore_into(std::string name, std::string database) override {
    if (!restore_ || !made_.contains(name))
      co_return fail(ErrorKind::failed, "there is nothing to restore");
    co_return co_await restore_(std::move(database));
  }

 private:
  Restore restore_;
  std::set<std::string> made_;
};

}  // namespace auterity::harness
