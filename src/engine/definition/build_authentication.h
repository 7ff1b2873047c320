#pragma once
// Builder of authentication policies.
#include "engine/definition/build_context.h"

namespace auterity::engine {

// A policy, or `use` with the name of one in use.authentications. nullopt when it is malformed.
std::optional<AuthenticationPolicy> build_authentication(BuildContext& context, const Node& node);

}  // namespace auterity::engine
