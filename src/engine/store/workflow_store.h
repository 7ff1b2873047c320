#pragma once
// Published definitions: identity is namespace/name/version and a published version never changes.
#include <optional>
#include <string>
#include <vector>

#include "core/async.h"
#include "core/error.h"
#include "core/json.h"
#include "core/uuid.h"
#include "engine/definition/definition.h"

namespace auterity::engine {

struct WorkflowView {
  Uuid id;
  std::string name_space, name, version, title, summary;
  Json definition;       // the document as JSON
  std::string checksum;  // SHA-256 of its canonical text
  Time created_at;
  std::string created_by;
};

struct PublishOutcome {
  WorkflowView workflow;
  bool created = false;  // false: an identical one was there
};

class WorkflowStore {
 public:
  virtual ~WorkflowStore() = default;
  // conflict when namespace/name/version exists with another content. A removed one that is
  // published again is there again.
  virtual Async<Result<PublishOutcome>> publish(DefinitionPtr definition, std::string user_id) = 0;
  // not_found for a removed one, as in everything below but definition().
  virtual Async<Result<WorkflowView>> find(Uuid id) = 0;
  // Newest version by semver when `version` is "latest".
  virtual Async<Result<WorkflowView>> find_by_name(std::string name_space, std::string name,
                                                   std::string version) = 0;
  // Parsed, from a cache of bounded size; removed ones, too, since their executions go on.
  virtual Async<Result<DefinitionPtr>> definition(Uuid id) = 0;
  // For a new start: not_found once it is removed (at once in the process that removed it, within
  // seconds in others).
  virtual Async<Result<DefinitionPtr>> definition_to_start(Uuid id) { return definition(id); }
  // Newest first, ids below `before`; without their definitions, which a list does not show.
  virtual Async<Result<std::vector<WorkflowView>>> list(std::optional<Uuid> before,
                                                        std::size_t limit) = 0;
  // All versions of this one's namespace and name, newest version first.
  virtual Async<Result<std::vector<WorkflowView>>> versions(Uuid id) = 0;
  // Hides it from lists and new starts and stops its schedule; running executions go on. not_found.
  virtual Async<Status> remove(Uuid id) = 0;
};

// $secrets: values sealed with the key of AUTERITY_SECRETS_KEY (libsodium secretbox) before they
// reach the database. Names are 1 to 128 of [A-Za-z0-9._-]; a value is at most 64 KiB of JSON.
class SecretStore {
 public:
  virtual ~SecretStore() = default;
  virtual Async<Status> put(std::string name, Json value, std::string user_id) = 0;
  virtual Async<Status> remove(std::string name) = 0;
  // In alphabetical order.
  virtual Async<Result<std::vector<std::string>>> names() = 0;
  // The values of `names`; one that is missing is absent from the answer. not_ready when one was
  // sealed with another key.
  virtual Async<Result<JsonObject>> resolve(std::vector<std::string> names) = 0;
};

}  // namespace auterity::engine
