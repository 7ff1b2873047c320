#include "data/migrations/sql_tree.h"

#include <boost/json.hpp>

#include "data/migrations/sql_parser.h"

namespace auterity::data {

std::string TableName::quoted() const {
  return schema.empty() ? quoted_identifier(name)
                        : quoted_identifier(schema) + "." + quoted_identifier(name);
}

const Json& member(const Json& node, std::string_view name) {
  static const Json absent;
  const Json* found = find_member(node, name);
  return found == nullptr ? absent : *found;
}

std::string text_of(const Json& node, std::string_view name) {
  return std::string(string_or(find_member(node, name), ""));
}

bool flag_of(const Json& node, std::string_view name) {
  const Json& value = member(node, name);
  return value.is_bool() && value.get_bool();
}

const JsonArray& list_of(const Json& node, std::string_view name) {
  static const JsonArray empty;
  const Json& value = member(node, name);
  return value.is_array() ? value.get_array() : empty;
}

const Json& as(const Json& wrapper, std::string_view kind) { return member(wrapper, kind); }

std::vector<std::string> names_of(const Json& node, std::string_view name) {
  std::vector<std::string> names;
  for (const Json& element : list_of(node, name))
    if (const Json& text = as(element, "String"); text.is_object())
      names.push_back(text_of(text, "sval"));
  return names;
}

TableName table_of(const Json& range_variable) {
  return {text_of(range_variable, "schemaname"), text_of(range_variable, "relname")};
}

TableName table_of(const std::vector<std::string>& parts) {
  if (parts.empty()) return {};
  return {parts.size() > 1 ? parts[parts.size() - 2] : "", parts.back()};
}

std::string type_name(const Json& type) {
  const auto parts = names_of(type, "names");
  const TableName name = table_of(parts);
  return name.schema == "pg_catalog" ? name.name : name.text();
}

}  // namespace auterity::data
