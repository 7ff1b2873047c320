// The list of families: to add one, a file with its make function and a line here.
#include "operations/check/check.h"

namespace auterity::operations::check {

Families all_families() {
  Families families;
  families.push_back(make_secrets_family());
  families.push_back(make_database_family());
  families.push_back(make_stores_family());
  families.push_back(make_machine_family());
  families.push_back(make_release_family());
  families.push_back(make_operations_family());
  return families;
}

}  // namespace auterity::operations::check
