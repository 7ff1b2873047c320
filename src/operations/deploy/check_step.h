#pragma once
// The first step of a deploy: everything that `auterity check` asks, for the release that is to be
// brought in. A failed check ends the deploy before anything moved, except those that are about
// what a deploy itself provides.
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "operations/check/check.h"
#include "operations/deploy/deploy_world.h"

namespace auterity::operations {

struct PassedOverCheck {
  std::string_view id;
  std::string_view why;
};
// Checks that no deploy is ended by, with the reason.
const std::vector<PassedOverCheck>& passed_over_checks();

// failed, naming every check that failed with its evidence and hint; passes when none did.
Status judge_report(const check::Report& report);

// nullptr when the name is another step's.
std::unique_ptr<Step> make_check_step(DeployWorld& world, const std::string& name);

}  // namespace auterity::operations
