#pragma once
// `auterity migrate validate`: whether the database is what the files say and whether what must
// hold of it holds. Looks only: nothing is repaired.
#include <string>
#include <vector>

#include "core/json.h"
#include "data/migrations.h"
#include "operations/migrate/target.h"
#include "operations/platform_invariants.h"
#include "operations/verdict.h"

namespace auterity::operations {

struct SchemaCheck {
  std::string id;  // "revisions"
  Verdict verdict = Verdict::pass;
  std::string evidence;
  std::string hint;  // empty for pass
};

// Every check, in a fixed order. `invariants` may be null: what it would tell is skipped. Errors
// only when the database cannot be reached or the files cannot be read.
Async<Result<std::vector<SchemaCheck>>> validate_schema(MigrateServices& services,
                                                        const MigrateTarget& target,
                                                        PlatformInvariants* invariants);

// The worst verdict; skipped counts as pass.
Verdict worst(const std::vector<SchemaCheck>& checks);
JsonObject to_json(const SchemaCheck& check);

}  // namespace auterity::operations
