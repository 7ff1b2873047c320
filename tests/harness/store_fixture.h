#pragma once
// What tests of the stores on PostgreSQL share: a database with the schema, the store on it, a wall
// clock that the test moves.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>

#include "core/metrics.h"
#include "core/random.h"
#include "core/system_clock.h"
#include "engine/store/postgres_execution_store.h"
#include "harness/event_loop.h"
#include "harness/memory_object_store.h"
#include "harness/postgres_server.h"
#include "harness/source_folder.h"

namespace auterity::engine {

// The machine's clock, moved by what the test says; sleeps last as long as they should.
class MovedClock final : public Clock {
 public:
  void advance(Duration duration) { moved_ += duration; }
  Time now() const override { return real_.now() + moved_; }
  Duration monotonic() const override { return real_.monotonic(); }
  Async<void> sleep(Duration duration) override { return real_.sleep(duration); }

 private:
  SystemClock real_;
  Duration moved_{};
};

class StoreFixture : public testing::Test {
 protected:
  static void apply_schema(harness::PostgresServer& server, const std::string& database) {
    const auto folder = std::filesystem::path(harness::source_folder()) / "migrations";
    for (const char* file : {"0003_executions.up.sql", "0004_secrets_and_schedules.up.sql"}) {
      std::ostringstream text;
      text << std::ifstream(folder / file).rdbuf();
      server.execute(text.str(), database);
    }
  }

  // A database of the shared server, copied from one that has the schema.
  void use_shared_server() {
    server_ = harness::PostgresServer::shared();
    static const std::string pattern = [this] {
      std::string name = server_->create_database();
      apply_schema(*server_, name);
      return name;
    }();
    name_ = server_->create_database(pattern);
  }
  void use_own_server(harness::PostgresServer::Options options = {}) {
    own_server_ = std::make_unique<harness::PostgresServer>(std::move(options));
    server_ = own_server_.get();
    name_ = server_->create_database();
    apply_schema(*server_, name_);
  }

  void SetUp() override {
    AUTERITY_NEEDS_POSTGRES();
    use_shared_server();
  }
  void TearDown() override {
    if (store_) loop_.run(store_->close());
    if (database_) loop_.run(database_->close());
    store_.reset();
    database_.reset();
  }

  data::Database& database() {
    if (!database_)
      database_ = data::open_database(loop_.executor(), clock_, log_,
                                      {.url = server_->url(name_), .max_connections = 6});
    return *database_;
  }
  PostgresExecutionStore& store() {
    if (!store_)
      store_ = std::make_unique<PostgresExecutionStore>(loop_.executor(), database(), objects_,
                                                        clock_, log_, *metrics_, options_);
    return *store_;
  }
  template <typename T>
  T run(Async<T> work) {
    return loop_.run(std::move(work));
  }
  std::string sql(const std::string& statement) { return server_->execute(statement, name_); }

  NewExecution new_execution() {
    NewExecution execution{.id = make_uuid(clock_.now(), random_), .workflow_id = workflow_};
    execution.input = {{"n", 1}};
    execution.workflow_type = "api";
    execution.trigger = "api";
    execution.started_by = "user-1";
    execution.created_at = clock_.now();
    return execution;
  }
  Checkpoint checkpoint(Uuid id, std::int64_t term, std::int64_t seq) {
    Checkpoint result{.id = id, .term = term, .seq = seq};
    result.state = R"({"format":1,"at":)" + std::to_string(seq) + "}";
    result.events = {
        {.number = seq, .at = clock_.now(), .type = "task.completed", .task = "/do/0"}};
    return result;
  }
  Checkpoint completed(Uuid id, std::int64_t term, std::int64_t seq) {
    Checkpoint result = checkpoint(id, term, seq);
    result.status = ExecutionStatus::completed;
    result.wake = WakeReason::none;
    result.state.clear();
    result.output = Json{{"done", true}};
    result.finished_at = clock_.now();
    return result;
  }
  // A new execution whose lease we hold; its id.
  Uuid leased(std::string owner = "worker-a", Duration lease = std::chrono::seconds(15)) {
    NewExecution execution = new_execution();
    const Uuid id = execution.id;
    auto created = run(store().create(std::move(execution), std::nullopt, std::move(owner), lease));
    EXPECT_TRUE(created) << created.error().message;
    return id;
  }

  harness::PostgresServer* server_ = nullptr;
  std::unique_ptr<harness::PostgresServer> own_server_;
  std::string name_;
  harness::EventLoop loop_;
  MovedClock clock_;
  harness::SilentLog log_;
  SeededRandom random_{7};
  std::unique_ptr<Metrics> metrics_ = make_metrics();
  harness::MemoryObjectStore objects_;
  ExecutionStoreOptions options_;
  Uuid workflow_ = make_uuid(from_epoch_microseconds(1'700'000'000'000'000), random_);
  std::unique_ptr<data::Database> database_;
  std::unique_ptr<PostgresExecutionStore> store_;
};

}  // namespace auterity::engine
