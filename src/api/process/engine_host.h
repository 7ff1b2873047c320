#pragma once
// What the roles serve and work have in common: the clients of database, Redis and object store,
// the stores on them, and one engine. Built from settings, in an order in which nothing refers to
// what is not there yet; taken down in the reverse one by close().
#include <boost/asio/thread_pool.hpp>
#include <memory>
#include <string>
#include <vector>

#include "api/process/process_settings.h"
#include "core/clock.h"
#include "core/files.h"
#include "core/http_client.h"
#include "core/log.h"
#include "core/metrics.h"
#include "core/random.h"
#include "core/task_group.h"
#include "data/database.h"
#include "data/object_store.h"
#include "data/redis.h"
#include "engine/executor/engine.h"
#include "engine/expression/evaluator_pool.h"
#include "engine/store/postgres_execution_store.h"
#include "engine/store/postgres_secret_store.h"
#include "engine/store/postgres_workflow_store.h"
#include "engine/store/redis_wake_bus.h"

namespace auterity::api {

// What a process touches of the world; alive for as long as the process.
struct Outside {
  Executor executor;
  Clock& clock;
  Random& random;
  Log& log;
  Metrics& metrics;
  Files& files;
  HttpClient& http;
  std::vector<std::string> evaluator_command;
};

class EngineHost {
 public:
  // `claims`: whether this process takes executions that others started.
  static Result<std::unique_ptr<EngineHost>> make(Outside outside, const ProcessSettings& settings,
                                                  bool claims);
  ~EngineHost();

  // Starts the loops of engine and bus in `group`.
  void start(TaskGroup& group);
  // Hands executions over within `limit`.
  Async<void> drain(Duration limit);
  // After the group of start() has been joined.
  Async<void> close();

  const Outside& outside() const { return outside_; }
  const std::string& owner() const { return owner_; }
  Executor blocking() { return blocking_.get_executor(); }
  data::Database& database() { return *database_; }
  data::Redis* redis() { return redis_.get(); }
  data::ObjectStore& objects() { return *objects_; }
  engine::WakeBus& bus() { return *bus_; }
  engine::PostgresExecutionStore& executions() { return *executions_; }
  engine::PostgresWorkflowStore& workflows() { return *workflows_; }
  engine::SecretStore& secrets() { return *secrets_; }
  engine::Engine& engine() { return *engine_; }
  engine::Evaluator& evaluator() { return *evaluator_; }

 private:
  EngineHost(Outside outside, const ProcessSettings& settings);
  void make_stores(const ProcessSettings& settings, engine::SecretBox box);
  void make_engine(const ProcessSettings& settings, bool claims);

  Outside outside_;
  std::string owner_;
  boost::asio::thread_pool blocking_;
  std::unique_ptr<data::Database> database_;
  std::unique_ptr<data::Redis> redis_;
  std::unique_ptr<data::ObjectStore> objects_;
  engine::RedisWakeBus* redis_bus_ = nullptr;  // of bus_, when that is what it is
  std::unique_ptr<engine::WakeBus> bus_;
  std::unique_ptr<engine::PostgresExecutionStore> executions_;
  std::unique_ptr<engine::PostgresWorkflowStore> workflows_;
  std::unique_ptr<engine::SecretStore> secrets_;
  std::unique_ptr<engine::EvaluatorPool> evaluator_;
  std::unique_ptr<engine::EventSink> events_;
  std::unique_ptr<engine::EffectPerformer> effects_;
  std::unique_ptr<engine::Engine> engine_;
};

}  // namespace auterity::api
