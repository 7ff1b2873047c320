#pragma once
// Whether every secret that a database keeps opens with a platform's key: without that, a restored
// platform would run and be of no use.
#include <memory>

#include "cli/world.h"
#include "operations/migrate/target.h"
#include "operations/platform_invariants.h"

namespace auterity::cli {

// `secrets_key` as in AUTERITY_SECRETS_KEY. `world` and `target` outlive it.
std::unique_ptr<operations::PlatformInvariants> make_secrets_invariants(
    World& world, const operations::MigrateTarget& target, std::string secrets_key);

}  // namespace auterity::cli
