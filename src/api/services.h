#pragma once
// Everything that the routes reach, built once by the process (api_process.cpp, or a test) and
// alive as long as the server.
#include "core/clock.h"
#include "core/log.h"
#include "core/metrics.h"
#include "core/random.h"

namespace auterity::data {
class ObjectStore;
}
namespace auterity::engine {
class Engine;
class Evaluator;
class ExecutionStore;
class SecretStore;
class WorkflowStore;
}  // namespace auterity::engine

namespace auterity::api {

class AccessTokens;
class BackupsView;
class ExecutionFeed;
class FileStore;
class Health;
class MetricsPage;
class OperationsView;
struct PlatformStatus;
class Revocations;
class Sessions;
class Users;

struct Services {
  Executor executor;
  Clock& clock;
  Random& random;
  Log& log;
  Metrics& metrics;
  AccessTokens& tokens;
  Revocations& revocations;
  Sessions& sessions;
  Users& users;
  engine::Engine& engine;
  engine::Evaluator& evaluator;
  engine::WorkflowStore& workflows;
  engine::ExecutionStore& executions;
  engine::SecretStore& secrets;
  data::ObjectStore& objects;
  FileStore& files;
  ExecutionFeed& feed;
  Health& health;
  MetricsPage& metrics_page;
  OperationsView& operations;
  BackupsView& backups;
  const PlatformStatus& platform;
  const std::string& openapi;           // the document's text
  std::uint64_t file_limit = 1u << 30;  // bytes of one upload
};

}  // namespace auterity::api
