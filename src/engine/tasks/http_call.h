#pragma once
// Performs `call: http` over the HttpClient it is given; http_exchange.h decides what is sent and
// what an answer means.
#include <memory>

#include "core/http_client.h"
#include "engine/executor/effects.h"

namespace auterity::engine {

// `client` must outlive the performer.
std::unique_ptr<EffectPerformer> make_http_call_performer(HttpClient& client);

}  // namespace auterity::engine
