#include "data/migrations/table_locks.h"

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <map>
#include <string>

namespace auterity::data {
namespace {

using enum LockMode;
using Locks = std::vector<TableLock>;

// Commands of ALTER TABLE that need less than ACCESS EXCLUSIVE.
const std::map<std::string, LockMode, std::less<>>& weaker_alterations() {
  static const std::map<std::string, LockMode, std::less<>> modes{
      {"AT_ValidateConstraint", share_update_exclusive},
      {"AT_SetStatistics", share_update_exclusive},
      {"AT_SetOptions", share_update_exclusive},
      {"AT_ResetOptions", share_update_exclusive},
      {"AT_SetRelOptions", share_update_exclusive},
      {"AT_ResetRelOptions", share_update_exclusive},
      {"AT_ClusterOn", share_update_exclusive},
      {"AT_DropCluster", share_update_exclusive},
      {"AT_AttachPartition", share_update_exclusive},
      {"AT_EnableTrig", share_row_exclusive},
      {"AT_EnableAlwaysTrig", share_row_exclusive},
      {"AT_EnableReplicaTrig", share_row_exclusive},
      {"AT_EnableTrigAll", share_row_exclusive},
      {"AT_EnableTrigUser", share_row_exclusive},
      {"AT_DisableTrig", share_row_exclusive},
      {"AT_DisableTrigAll", share_row_exclusive},
      {"AT_DisableTrigUser", share_row_exclusive},
  };
  return modes;
}

void add_foreign_tables(const Json& node, Locks& locks) {
  for_each_node(node, "Constraint", [&](const Json& constraint) {
    if (text_of(constraint, "contype") == "CONSTR_FOREIGN")
      locks.push_back({table_of(member(constraint, "pktable")), share_row_exclusive});
  });
}

LockMode mode_of_alteration(const Json& command) {
  const std::string subtype = text_of(command, "subtype");
  const auto weaker = weaker_alterations().find(subtype);
  if (weaker != weaker_alterations().end()) return weaker->second;
  if (subtype == "AT_DetachPartition" &&
      flag_of(as(member(command, "def"), "PartitionCmd"), "concurrent"))
    return share_update_exclusive;
  const Json& constraint = as(member(command, "def"), "Constraint");
  if (subtype == "AT_AddConstraint" && text_of(constraint, "contype") == "CONSTR_FOREIGN")
    return share_row_exclusive;
  return access_exclusive;
}

void add_alterations(const Json& node, Locks& locks) {
  LockMode strongest = access_share;
  Locks others;
  for (const Json& element : list_of(node, "cmds")) {
    const Json& command = as(element, "AlterTableCmd");
    strongest = std::max(strongest, mode_of_alteration(command));
    const Json& partition = as(member(command, "def"), "PartitionCmd");
    if (partition.is_object())
      others.push_back({table_of(member(partition, "name")), access_exclusive});
  }
  locks.push_back({table_of(member(node, "relation")), strongest});
  locks.insert(locks.end(), others.begin(), others.end());
  add_foreign_tables(node, locks);
}

void add_dropped(const Json& node, Locks& locks) {
  const std::string type = text_of(node, "removeType");
  const bool of_a_table =
      type == "OBJECT_TRIGGER" || type == "OBJECT_POLICY" || type == "OBJECT_RULE";
  if (!of_a_table && type != "OBJECT_TABLE" && type != "OBJECT_VIEW" && type != "OBJECT_MATVIEW" &&
      type != "OBJECT_FOREIGN_TABLE")
    return;
  for (const Json& object : list_of(node, "objects")) {
    auto parts = names_of(as(object, "List"), "items");
    if (of_a_table && !parts.empty()) parts.pop_back();
    if (!parts.empty()) locks.push_back({table_of(parts), access_exclusive});
  }
}

void add_created(const Json& node, Locks& locks) {
  for (const Json& parent : list_of(node, "inhRelations"))
    locks.push_back({table_of(as(parent, "RangeVar")), member(node, "partbound").is_object()
                                                           ? access_exclusive
                                                           : share_update_exclusive});
  add_foreign_tables(node, locks);
}

bool has_option(const Json& node, std::string_view list, std::string_view name) {
  return std::ranges::any_of(list_of(node, list), [&](const Json& option) {
    return text_of(as(option, "DefElem"), "defname") == name;
  });
}

void add_listed(const Json& node, std::string_view list, LockMode mode, Locks& locks) {
  for (const Json& relation : list_of(node, list))
    locks.push_back({table_of(as(relation, "RangeVar")), mode});
}

void add_vacuumed(const Json& node, Locks& locks) {
  const LockMode mode =
      has_option(node, "options", "full") ? access_exclusive : share_update_exclusive;
  for (const Json& relation : list_of(node, "rels"))
    locks.push_back({table_of(member(as(relation, "VacuumRelation"), "relation")), mode});
}

// Statements whose one table is their member `relation`.
std::optional<LockMode> mode_of_relation(const SqlStatement& statement) {
  const Json& node = statement.node;
  if (statement.kind == "IndexStmt")
    return flag_of(node, "concurrent") ? share_update_exclusive : share;
  if (statement.kind == "RenameStmt")
    return text_of(node, "renameType") == "OBJECT_INDEX" ? std::nullopt
                                                         : std::optional(access_exclusive);
  if (statement.kind == "CreateTrigStmt") return share_row_exclusive;
  if (statement.kind == "RuleStmt" || statement.kind == "ClusterStmt" ||
      statement.kind == "AlterObjectSchemaStmt")
    return access_exclusive;
  if (statement.kind == "CreatePolicyStmt" || statement.kind == "AlterPolicyStmt")
    return access_exclusive;
  if (statement.kind == "RefreshMatViewStmt")
    return flag_of(node, "concurrent") ? exclusive : access_exclusive;
  if (statement.kind == "InsertStmt" || statement.kind == "UpdateStmt" ||
      statement.kind == "DeleteStmt" || statement.kind == "CopyStmt")
    return row_exclusive;
  if (statement.kind == "ReindexStmt")
    return has_option(node, "params", "concurrently") ? share_update_exclusive : share;
  return std::nullopt;
}

void add_commented(const Json& node, Locks& locks) {
  const std::string type = text_of(node, "objtype");
  auto parts = names_of(as(member(node, "object"), "List"), "items");
  if (type == "OBJECT_COLUMN" && !parts.empty()) parts.pop_back();
  if ((type == "OBJECT_TABLE" || type == "OBJECT_COLUMN") && !parts.empty())
    locks.push_back({table_of(parts), share_update_exclusive});
}

}  // namespace

std::string_view name_of(LockMode mode) {
  constexpr std::array<std::string_view, 9> names{
      "",      "ACCESS SHARE",        "ROW SHARE", "ROW EXCLUSIVE",   "SHARE UPDATE EXCLUSIVE",
      "SHARE", "SHARE ROW EXCLUSIVE", "EXCLUSIVE", "ACCESS EXCLUSIVE"};
  return names.at(static_cast<std::size_t>(mode));
}

std::string_view consequence_of(LockMode mode) {
  if (mode == access_exclusive) return "blocks reads and writes";
  return mode >= share ? "blocks writes" : "blocks no reads or writes";
}

std::vector<TableLock> locks_of(const SqlStatement& statement) {
  Locks locks;
  const Json& node = statement.node;
  if (statement.kind == "AlterTableStmt") {
    const std::string type = text_of(node, "objtype");
    if (type == "OBJECT_TABLE" || type == "OBJECT_MATVIEW" || type == "OBJECT_VIEW")
      add_alterations(node, locks);
  } else if (statement.kind == "DropStmt") {
    add_dropped(node, locks);
  } else if (statement.kind == "CreateStmt") {
    add_created(node, locks);
  } else if (statement.kind == "TruncateStmt") {
    add_listed(node, "relations", access_exclusive, locks);
  } else if (statement.kind == "LockStmt") {
    const Json& mode = member(node, "mode");
    const auto number = mode.is_int64() ? mode.get_int64() : static_cast<int>(access_exclusive);
    add_listed(node, "relations", static_cast<LockMode>(std::clamp<std::int64_t>(number, 1, 8)),
               locks);
  } else if (statement.kind == "VacuumStmt") {
    add_vacuumed(node, locks);
  } else if (statement.kind == "CommentStmt") {
    add_commented(node, locks);
  } else if (const auto mode = mode_of_relation(statement)) {
    if (member(node, "relation").is_object())
      locks.push_back({table_of(member(node, "relation")), *mode});
    if (statement.kind.ends_with("PolicyStmt")) locks = {{table_of(member(node, "table")), *mode}};
  }
  return locks;
}

}  // namespace auterity::data
