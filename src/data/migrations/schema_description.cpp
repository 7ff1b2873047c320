#include "data/migrations/schema_description.h"

#include <boost/json.hpp>
#include <map>

#include "core/digest.h"

namespace auterity::data {
namespace {

// Separates an object from its definition in a line.
constexpr std::string_view kSeparator = " => ";

// Every name is qualified only when no schema but the system's is searched.
constexpr std::string_view kNarrowPath = "SET search_path = pg_catalog";
constexpr std::string_view kUsualPath = "RESET search_path";

constexpr Statement kDescribe{"migrations.describe_schema", R"sql(
WITH schemas AS (
  SELECT oid, nspname FROM pg_namespace
   WHERE nspname <> 'information_schema' AND nspname NOT LIKE 'pg\_%'),
extension_objects AS (
  SELECT classid, objid FROM pg_depend WHERE deptype = 'e'),
relations AS (
  SELECT c.*, s.nspname, format('%I.%I', s.nspname, c.relname) AS name
    FROM pg_class c JOIN schemas s ON s.oid = c.relnamespace
   WHERE NOT c.relispartition AND c.relpersistence <> 't'
     AND NOT EXISTS (SELECT FROM extension_objects e
                      WHERE e.classid = 'pg_class'::regclass AND e.objid = c.oid)),
lines AS (
  SELECT 'schema ' || quote_ident(nspname) AS object, '' AS definition FROM schemas
   WHERE NOT EXISTS (SELECT FROM extension_objects e
                      WHERE e.classid = 'pg_namespace'::regclass AND e.objid = schemas.oid)
  UNION ALL
  SELECT CASE relkind WHEN 'v' THEN 'view ' WHEN 'm' THEN 'materialized view ' ELSE 'table ' END
           || name,
         concat_ws(' ',
           CASE WHEN relpersistence = 'u' THEN 'unlogged' END,
           CASE WHEN relkind = 'p' THEN 'partition by ' || pg_get_partkeydef(oid) END,
           CASE WHEN relkind = 'f' THEN 'foreign' END,
           CASE WHEN relkind IN ('v', 'm') THEN pg_get_viewdef(oid) END,
           CASE WHEN relrowsecurity THEN 'row security' END,
           CASE WHEN relforcerowsecurity THEN 'forced' END,
           'with ' || array_to_string(reloptions, ', '))
    FROM relations WHERE relkind IN ('r', 'p', 'v', 'm', 'f')
  UNION ALL
  SELECT format('column %s.%I', r.name, a.attname),
         concat_ws(' ', format_type(a.atttypid, a.atttypmod),
           CASE WHEN a.attcollation <> 0 AND a.attcollation <> t.typcollation
                THEN 'collate ' || a.attcollation::regcollation END,
           CASE WHEN a.attcompression <> '' THEN 'compression ' || a.attcompression::text END,
           CASE WHEN a.attstorage <> t.typstorage THEN 'storage ' || a.attstorage::text END,
           CASE WHEN a.attnotnull THEN 'not null' END,
           CASE WHEN a.attidentity <> '' THEN 'identity ' || a.attidentity::text END,
           CASE WHEN a.attgenerated <> '' THEN 'generated' END,
           'default ' || pg_get_expr(d.adbin, d.adrelid))
    FROM relations r
    JOIN pg_attribute a ON a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped
    JOIN pg_type t ON t.oid = a.atttypid
    LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
   WHERE r.relkind IN ('r', 'p', 'v', 'm', 'f')
  UNION ALL
  SELECT format('constraint %s.%I', r.name, k.conname), pg_get_constraintdef(k.oid)
    FROM pg_constraint k JOIN relations r ON r.oid = k.conrelid
   WHERE k.contype <> 't' AND k.conparentid = 0
  UNION ALL
  SELECT 'index ' || r.name,
         pg_get_indexdef(r.oid) || CASE WHEN i.indisvalid THEN '' ELSE ' (invalid)' END
    FROM pg_index i JOIN relations r ON r.oid = i.indexrelid
    JOIN relations t ON t.oid = i.indrelid
  UNION ALL
  SELECT 'sequence ' || r.name,
         format('%s start %s increment %s from %s to %s cache %s%s', q.seqtypid::regtype,
                q.seqstart, q.seqincrement, q.seqmin, q.seqmax, q.seqcache,
                CASE WHEN q.seqcycle THEN ' cycle' ELSE '' END)
    FROM pg_sequence q JOIN relations r ON r.oid = q.seqrelid
  UNION ALL
  SELECT format('%s %s(%s)', CASE p.prokind WHEN 'p' THEN 'procedure' WHEN 'a' THEN 'aggregate'
                                            ELSE 'function' END,
                format('%I.%I', s.nspname, p.proname), pg_get_function_identity_arguments(p.oid)),
         CASE WHEN p.prokind = 'a' THEN '' ELSE pg_get_functiondef(p.oid) END
    FROM pg_proc p JOIN schemas s ON s.oid = p.pronamespace
   WHERE NOT EXISTS (SELECT FROM extension_objects e
                      WHERE e.classid = 'pg_proc'::regclass AND e.objid = p.oid)
  UNION ALL
  SELECT format('trigger %s.%I', r.name, g.tgname),
         pg_get_triggerdef(g.oid) || CASE g.tgenabled WHEN 'O' THEN '' WHEN 'D' THEN ' (disabled)'
                                                      ELSE ' (' || g.tgenabled::text || ')' END
    FROM pg_trigger g JOIN relations r ON r.oid = g.tgrelid
   WHERE NOT g.tgisinternal AND g.tgparentid = 0
  UNION ALL
  SELECT format('policy %s.%I', r.name, p.polname),
         concat_ws(' ', p.polcmd::text, CASE WHEN p.polpermissive THEN '' ELSE 'restrictive' END,
                   'using ' || pg_get_expr(p.polqual, p.polrelid),
                   'check ' || pg_get_expr(p.polwithcheck, p.polrelid))
    FROM pg_policy p JOIN relations r ON r.oid = p.polrelid
  UNION ALL
  SELECT format('type %I.%I', s.nspname, t.typname),
         CASE t.typtype
           WHEN 'e' THEN 'enum ' || (SELECT string_agg(quote_literal(enumlabel), ', '
                                                       ORDER BY enumsortorder)
                                       FROM pg_enum WHERE enumtypid = t.oid)
           WHEN 'd' THEN concat_ws(' ', 'domain', format_type(t.typbasetype, t.typtypmod),
                           CASE WHEN t.typnotnull THEN 'not null' END, 'default ' || t.typdefault,
                           (SELECT string_agg(pg_get_constraintdef(oid), ' ' ORDER BY conname)
                              FROM pg_constraint WHERE contypid = t.oid))
           WHEN 'c' THEN (SELECT string_agg(format('%I %s', attname,
                                                   format_type(atttypid, atttypmod)), ', '
                                            ORDER BY attnum)
                            FROM pg_attribute
                           WHERE attrelid = t.typrelid AND attnum > 0 AND NOT attisdropped)
           ELSE t.typtype::text END
    FROM pg_type t JOIN schemas s ON s.oid = t.typnamespace
    LEFT JOIN pg_class c ON c.oid = t.typrelid
   WHERE (t.typtype IN ('e', 'd', 'r') OR (t.typtype = 'c' AND c.relkind = 'c'))
     AND NOT EXISTS (SELECT FROM extension_objects e
                      WHERE e.classid = 'pg_type'::regclass AND e.objid = t.oid))
SELECT coalesce(string_agg(
         object || ' => ' || regexp_replace(coalesce(definition, ''), '\s+', ' ', 'g') || E'\n', ''
         ORDER BY object COLLATE "C", definition COLLATE "C"), '')
  FROM lines)sql"};

using Objects = std::map<std::string, std::string, std::less<>>;

Objects objects_of(std::string_view text) {
  Objects objects;
  while (!text.empty()) {
    const auto line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    const auto at = line.find(kSeparator);
    if (at == std::string_view::npos) continue;
    objects.emplace(line.substr(0, at), line.substr(at + kSeparator.size()));
  }
  return objects;
}

}  // namespace

Async<Result<SchemaDescription>> describe_schema(Session& session) {
  AUTERITY_CO_CHECK(co_await session.execute_script(std::string(kNarrowPath)));
  auto rows = co_await session.query({kDescribe, {}});
  // In a transaction that failed, nothing can be set; its end takes the setting back.
  const Status restored = co_await session.execute_script(std::string(kUsualPath));
  if (!rows) co_return std::unexpected(std::move(rows).error());
  AUTERITY_CO_CHECK(restored);
  SchemaDescription description{std::string((*rows)->text(0, 0)), {}};
  description.fingerprint = sha256_hex(description.text);
  co_return description;
}

std::string to_text(const SchemaDifference& difference) {
  switch (difference.kind) {
    case SchemaDifference::Kind::missing:
      return difference.object + " is missing; it was: " + difference.expected;
    case SchemaDifference::Kind::unexpected:
      return difference.object + " was added by hand: " + difference.found;
    case SchemaDifference::Kind::changed:
      break;
  }
  return difference.object + " was changed from: " + difference.expected +
         ", to: " + difference.found;
}

std::vector<SchemaDifference> compare_schemas(const std::string& expected,
                                              const std::string& found) {
  using enum SchemaDifference::Kind;
  const Objects before = objects_of(expected);
  const Objects after = objects_of(found);
  std::map<std::string, SchemaDifference> differences;
  for (const auto& [object, definition] : before) {
    const auto now = after.find(object);
    if (now == after.end())
      differences[object] = {missing, object, definition, {}};
    else if (now->second != definition)
      differences[object] = {changed, object, definition, now->second};
  }
  for (const auto& [object, definition] : after)
    if (!before.contains(object)) differences[object] = {unexpected, object, {}, definition};
  std::vector<SchemaDifference> list;
  for (auto& [object, difference] : differences) list.push_back(std::move(difference));
  return list;
}

}  // namespace auterity::data
