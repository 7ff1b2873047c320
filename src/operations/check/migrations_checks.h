#pragma once
// What the release's migrations would do to the live database: the plan of `migrate up` and what
// the linter says about it. Changes nothing.
#include <string>
#include <vector>

#include "operations/check/check.h"

namespace auterity::operations::check {

// Findings `migrations-planned` and `migrations-linted` for the migrations of release `version`.
Async<std::vector<Finding>> look_at_migrations(const Subject& subject, std::string version);

}  // namespace auterity::operations::check
