#pragma once
// The linter of migrations: which statements would hurt a platform that runs. Reads SQL with
// PostgreSQL's own parser; pure. A finding is passed over when the statement carries
// `-- auterity: ignore RULE: REASON`; an ignore that ignores nothing is a finding itself.
#include <optional>
#include <string>
#include <vector>

#include "core/json.h"
#include "data/migrations.h"
#include "operations/migrate/lint/finding.h"

namespace auterity::operations::lint {

// Both files of a migration; the down file is held to what can run and to data loss only through
// its own statements' locks. Sorted by file and line.
std::vector<Finding> lint(const data::Migration& migration, const std::optional<TableSizes>& sizes);
// One file's text.
std::vector<Finding> lint_file(const std::string& file, const std::string& sql,
                               const std::optional<TableSizes>& sizes);

// Whether the statement takes away or changes what the release that runs still uses, so that the
// two cannot share the schema: a contracting migration.
bool is_contracting(const Finding& finding);

// "FILE:LINE: rule: what" and, indented, consequence and mend.
std::string to_text(const Finding& finding);
JsonObject to_json(const Finding& finding);

}  // namespace auterity::operations::lint
