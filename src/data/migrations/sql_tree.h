#pragma once
// Looking into parse trees (sql_parser.h): absent members read as null, empty or false, since the
// parser leaves out whatever has its default.
#include <string>
#include <string_view>
#include <vector>

#include "core/json.h"

namespace auterity::data {

struct TableName {
  std::string schema;  // empty: found by the search path
  std::string name;

  std::string text() const { return schema.empty() ? name : schema + "." + name; }
  // Quoted for use in a statement.
  std::string quoted() const;
  auto operator<=>(const TableName&) const = default;
};

// The member, or a null value.
const Json& member(const Json& node, std::string_view name);
std::string text_of(const Json& node, std::string_view name);
bool flag_of(const Json& node, std::string_view name);
// The elements of a list member; empty when absent.
const JsonArray& list_of(const Json& node, std::string_view name);
// The content of a node wrapper: {"ColumnDef": {...}} for "ColumnDef", else a null value.
const Json& as(const Json& wrapper, std::string_view kind);
// A list of String nodes.
std::vector<std::string> names_of(const Json& node, std::string_view name);
// A RangeVar's members.
TableName table_of(const Json& range_variable);
// A qualified name given as strings, "schema", "name"; the last two count.
TableName table_of(const std::vector<std::string>& parts);
// The type's name without pg_catalog: "int8", "bpchar", "app.money".
std::string type_name(const Json& type);

// Calls `visit` for every node of `kind` anywhere below `tree`.
template <typename Visit>
void for_each_node(const Json& tree, std::string_view kind, const Visit& visit) {
  if (const auto* object = tree.if_object()) {
    for (const auto& [key, value] : *object) {
      if (key == kind) visit(value);
      for_each_node(value, kind, visit);
    }
  } else if (const auto* array = tree.if_array()) {
    for (const auto& element : *array) for_each_node(element, kind, visit);
  }
}

}  // namespace auterity::data
