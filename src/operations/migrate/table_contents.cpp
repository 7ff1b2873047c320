#include "operations/migrate/table_contents.h"

#include <fmt/format.h>

#include <charconv>

namespace auterity::operations {
namespace {

constexpr std::size_t kShownDifferences = 5;

constexpr data::Statement kCount{
    "tables.count",
    "SELECT format('%I.%I', n.nspname, c.relname), (xpath('/row/c/text()', query_to_xml("
    "format('SELECT count(*) AS c FROM ONLY %I.%I', n.nspname, c.relname), false, true, ''))"
    ")[1]::text "
    "FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
    "WHERE c.relkind = 'r' AND c.relpersistence <> 't' AND n.nspname <> 'information_schema' "
    "AND n.nspname NOT LIKE 'pg\\_%' AND NOT EXISTS (SELECT FROM pg_depend d "
    "WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e') ORDER BY 1"};
constexpr data::Statement kEstimate{
    "tables.estimate",
    "SELECT CASE WHEN n.nspname = 'public' THEN c.relname ELSE n.nspname || '.' || c.relname END, "
    "sum(CASE WHEN leaf.reltuples >= 0 THEN leaf.reltuples::bigint "
    "ELSE pg_relation_size(leaf.oid) / 64 END)::bigint::text "
    "FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
    "CROSS JOIN LATERAL (SELECT c.oid AS part WHERE c.relkind = 'r' UNION ALL "
    "SELECT relid FROM pg_partition_tree(c.oid) WHERE isleaf AND c.relkind = 'p') parts "
    "JOIN pg_class leaf ON leaf.oid = parts.part "
    "WHERE c.relkind IN ('r', 'p') AND n.nspname <> 'information_schema' "
    "AND n.nspname NOT LIKE 'pg\\_%' GROUP BY 1"};

Async<Result<RowCounts>> read(data::Session& session, data::Statement statement) {
  AUTERITY_CO_TRY(rows, co_await session.query({statement, {}}));
  RowCounts counts;
  for (std::size_t row = 0; row < rows->size(); ++row) {
    std::int64_t count = 0;
    const auto text = rows->text(row, 1);
    std::from_chars(text.data(), text.data() + text.size(), count);
    counts.emplace(rows->text(row, 0), count);
  }
  co_return counts;
}

}  // namespace

Async<Result<RowCounts>> count_rows(data::Session& session) { return read(session, kCount); }
Async<Result<RowCounts>> estimate_rows(data::Session& session) { return read(session, kEstimate); }

std::string describe_difference(const RowCounts& expected, const RowCounts& found) {
  std::vector<std::string> differences;
  for (const auto& [table, rows] : expected) {
    const auto there = found.find(table);
    if (there == found.end())
      differences.push_back(table + " is missing");
    else if (there->second != rows)
      differences.push_back(fmt::format("{} has {} rows, not {}", table, there->second, rows));
  }
  for (const auto& [table, rows] : found)
    if (!expected.contains(table)) differences.push_back(table + " is too much");
  if (differences.size() > kShownDifferences) {
    const std::size_t more = differences.size() - kShownDifferences;
    differences.resize(kShownDifferences);
    differences.push_back(fmt::format("{} more", more));
  }
  return fmt::format("{}", fmt::join(differences, "; "));
}

}  // namespace auterity::operations
