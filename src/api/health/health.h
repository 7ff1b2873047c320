#pragma once
// What this process knows of its dependencies. A duty asks each of them every few seconds, all at
// once and bounded in time; routes show the last answers, so that asking for health costs nothing
// and never hangs. Liveness is not here: it depends on nothing.
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/async.h"
#include "core/clock.h"
#include "core/error.h"
#include "core/json.h"
#include "core/log.h"

namespace auterity::api {

class Dependency {
 public:
  virtual ~Dependency() = default;
  virtual std::string_view name() const = 0;  // "database"
  virtual bool is_critical() const = 0;       // without it nothing works
  // Facts worth showing to people who are signed in. not_ready: not configured, which is no fault.
  virtual Async<Result<JsonObject>> probe() = 0;
};

enum class DependencyState { unknown, healthy, unhealthy, not_configured };
std::string_view to_text(DependencyState state);

struct DependencyHealth {
  std::string name;
  bool is_critical = false;
  DependencyState state = DependencyState::unknown;
  Duration response_time{};
  std::string reason;  // why unhealthy; free of addresses and credentials
  JsonObject facts;
};

// Revisions of the database's schema that this build works with. Migrations of later releases only
// add until a release that says otherwise, so that the version before goes on working while the
// next one is deployed.
struct SchemaRange {
  int oldest = 0;
  int newest = 0;
};

struct Readiness {
  bool ready = false;
  int schema_revision = 0;  // 0: not known
  std::string reason;       // why not
};

class Health {
 public:
  Health(Clock& clock, Log& log, std::vector<std::unique_ptr<Dependency>> dependencies,
         SchemaRange range);

  // Asks every dependency once.
  Async<void> run_once();
  // run_once() every two seconds, until cancelled. `on_first_ready` is called once, when ready for
  // the first time.
  Async<void> watch(std::function<void()> on_first_ready);

  const std::vector<DependencyHealth>& dependencies() const { return results_; }
  // "healthy", "degraded" (one that is not critical is unhealthy), "unhealthy".
  std::string_view overall() const;
  Readiness readiness() const;

  void begin_drain() { draining_ = true; }
  bool draining() const { return draining_; }

 private:
  Async<void> ask(std::size_t index);

  Clock& clock_;
  Log& log_;
  std::vector<std::unique_ptr<Dependency>> dependencies_;
  std::vector<DependencyHealth> results_;
  SchemaRange range_;
  bool draining_ = false;
};

}  // namespace auterity::api
