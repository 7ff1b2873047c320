#pragma once
// Which revisions of the database's schema this build works with.
#include "api/health/health.h"

namespace auterity::api {

// `oldest` is the newest migration of this build: it uses what that one made. Later releases
// migrate before their processes start, and their migrations only add until a release raises this
// number by more than kCompatibleRevisions, so that this build goes on beside them.
SchemaRange accepted_schema_revisions();

inline constexpr int kNewestMigration = 6;
inline constexpr int kCompatibleRevisions = 50;

}  // namespace auterity::api
