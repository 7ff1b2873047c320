// The PostgreSQL store keeps the contract of execution stores.
#include "harness/execution_store_contract.h"
#include "harness/store_fixture.h"

namespace auterity::engine {
namespace {

class PostgresExecutionStoreContract
    : public StoreFixture,
      public testing::WithParamInterface<harness::ExecutionStoreRule> {
 protected:
  class World final : public harness::ExecutionStoreWorld {
   public:
    explicit World(PostgresExecutionStoreContract& fixture) : fixture_(fixture) {}
    ExecutionStore& store() override { return fixture_.store(); }
    harness::EventLoop& loop() override { return fixture_.loop_; }
    Time now() override { return fixture_.clock_.now(); }
    void advance(Duration duration) override { fixture_.clock_.advance(duration); }

   private:
    PostgresExecutionStoreContract& fixture_;
  };
};

TEST_P(PostgresExecutionStoreContract, Holds) {
  World world(*this);
  GetParam().check(world);
}

INSTANTIATE_TEST_SUITE_P(Rules, PostgresExecutionStoreContract,
                         testing::ValuesIn(harness::execution_store_rules().begin(),
                                           harness::execution_store_rules().end()),
                         [](const auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace auterity::engine
