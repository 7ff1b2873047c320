#pragma once
// Runs one scenario by the real binary and checks what came of it; every difference is a GoogleTest
// failure.
#include "scenario.h"

namespace auterity::conformance {

void run_scenario(const Scenario& scenario);

}  // namespace auterity::conformance
