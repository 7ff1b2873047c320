#pragma once
// Published definitions on PostgreSQL (schema: migrations/0003), with the schedules that come with
// them (migrations/0004). Purpose: a published version never changes, so that a parsed one may be
// cached without asking again; only whether it was removed is asked anew.
#include <boost/asio/steady_timer.hpp>
#include <memory>
#include <unordered_map>

#include "core/clock.h"
#include "core/random.h"
#include "data/database.h"
#include "engine/store/definition_cache.h"
#include "engine/store/workflow_store.h"

namespace auterity::engine {

struct WorkflowStoreOptions {
  std::size_t max_cached = 256;
  std::size_t max_cached_bytes = 32u << 20;  // of sources
  // How long another process may go on starting a removed workflow.
  Duration removal_seen_within = std::chrono::seconds(2);
};

class PostgresWorkflowStore final : public WorkflowStore {
 public:
  PostgresWorkflowStore(Executor executor, data::Database& database, Clock& clock, Random& random,
                        WorkflowStoreOptions options = {});

  Async<Result<PublishOutcome>> publish(DefinitionPtr definition, std::string user_id) override;
  Async<Result<WorkflowView>> find(Uuid id) override;
  Async<Result<WorkflowView>> find_by_name(std::string name_space, std::string name,
                                           std::string version) override;
  Async<Result<DefinitionPtr>> definition(Uuid id) override;
  Async<Result<DefinitionPtr>> definition_to_start(Uuid id) override;
  Async<Result<std::vector<WorkflowView>>> list(std::optional<Uuid> before,
                                                std::size_t limit) override;
  Async<Result<std::vector<WorkflowView>>> versions(Uuid id) override;
  Async<Status> remove(Uuid id) override;

 private:
  using Entry = DefinitionCache::Entry;
  class Loading;
  Async<Result<PublishOutcome>> publish_again(DefinitionPtr definition, std::string checksum);
  Async<Result<std::vector<WorkflowView>>> named(std::string name_space, std::string name);
  // From the cache, or read and parsed once however many ask.
  Async<Result<Entry>> entry(Uuid id);
  Async<Result<Entry>> load(Uuid id);

  Executor executor_;
  data::Database& database_;
  Clock& clock_;
  Random& random_;
  WorkflowStoreOptions options_;
  DefinitionCache cache_;
  // Definitions that are being loaded; the timer never expires, and is cancelled when the load has
  // ended.
  std::unordered_map<Uuid, std::shared_ptr<boost::asio::steady_timer>> loading_;
};

}  // namespace auterity::engine
