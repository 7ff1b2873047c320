#pragma once
// A platform that is on no machine, for golden plans: environment staging with one pool, blue, of
// release 1.2.3, and a database and ports at fixed places.
#include "targets/local/platform.h"

namespace auterity::harness {

inline local::Platform staging_platform() {
  local::Platform made;
  made.layout = {"/h", "staging", "/run/s", "/etc/auterity"};
  made.service_user = "auterity";
  made.drops_privileges = true;
  made.public_port = 8001;
  made.postgres_port = 25432;
  made.pool().version = "1.2.3";
  made.backups = {"/h/backups", "/etc/auterity/staging-backup.key"};
  made.credentials.email = "admin@auterity.local";
  return made;
}

}  // namespace auterity::harness
