#pragma once
// Fetches external resources (DSL reference, External Resource): documents in JSON or YAML, such as
// schemas. http and https go over the HttpClient, redirections followed; relative references and
// file: URIs are files and only there for whoever runs definitions of their own on their own
// machine.
#include <filesystem>
#include <memory>
#include <optional>

#include "core/files.h"
#include "core/http_client.h"
#include "engine/executor/effects.h"

namespace auterity::engine {

// Where relative references lead.
struct LocalResources {
  Files& files;
  std::filesystem::path folder;  // absolute: the definition's
};

// Without `local`, references to files are `configuration` errors. `client` and the files must
// outlive the performer.
std::unique_ptr<EffectPerformer> make_fetch_resource_performer(HttpClient& client,
                                                               std::optional<LocalResources> local);

}  // namespace auterity::engine
