#include "api/process/schema_range.h"

namespace auterity::api {

SchemaRange accepted_schema_revisions() {
  return {kNewestMigration, kNewestMigration + kCompatibleRevisions};
}

}  // namespace auterity::api
