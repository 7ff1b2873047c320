#pragma once
// The families of rules, each in a file of its name: they look at one statement and report.
#include <string_view>
#include <vector>

#include "operations/migrate/lint/finding.h"

namespace auterity::operations::lint {

void check_columns(const data::SqlStatement& statement, Report& report);
void check_constraints(const data::SqlStatement& statement, Report& report);
void check_indexes(const data::SqlStatement& statement, Report& report);
void check_types(const data::SqlStatement& statement, Report& report);
void check_removals(const data::SqlStatement& statement, Report& report);
void check_data_changes(const data::SqlStatement& statement, Report& report);
void check_maintenance(const data::SqlStatement& statement, Report& report);

// Every rule's name, for `ignore` comments and the reference page.
const std::vector<std::string_view>& rule_names();

}  // namespace auterity::operations::lint
