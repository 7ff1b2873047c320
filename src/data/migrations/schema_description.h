#pragma once
// The live schema as canonical text, one line an object ("column public.users.email text not
// null"), so that two schemas compare by text and a difference names the object. Read from the
// catalogue. Left out: what extensions own, partitions (the application makes them) with all they
// hold, privileges, comments and the order of columns.
#include <string>
#include <vector>

#include "core/async.h"
#include "core/error.h"
#include "data/database.h"

namespace auterity::data {

struct SchemaDescription {
  std::string text;         // sorted lines, each ending in a line feed
  std::string fingerprint;  // SHA-256 of `text`, hex
};

// Of the whole database; inside or outside a transaction. The session's search path is as before
// afterwards.
Async<Result<SchemaDescription>> describe_schema(Session& session);

struct SchemaDifference {
  enum class Kind { missing, unexpected, changed } kind = Kind::changed;
  std::string object;    // "column public.users.email"
  std::string expected;  // its definition; empty when unexpected
  std::string found;     // empty when missing
};
std::string to_text(const SchemaDifference& difference);
// Pure; sorted by object.
std::vector<SchemaDifference> compare_schemas(const std::string& expected,
                                              const std::string& found);

}  // namespace auterity::data
