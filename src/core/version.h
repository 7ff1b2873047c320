#pragma once
// Which build this is: the one fact about the process that everything may ask for. main finds it
// out at start, before anything else runs, and never changes it; without main (tests) it is the
// project's own. Health routes, logs, metrics and $runtime.version show it.
#include <string>
#include <string_view>

#include "core/time.h"

namespace auterity {

struct BuildIdentity {
  std::string version;  // of the release that the program runs from, else compiled_version()
  std::string commit;   // of the sources, "-dirty" when they differed from it; "unknown"
  Time committed_at;    // 1970 when unknown
};

// Semantic version, "0.1.0".
std::string_view version();
// The project's (CMakeLists.txt).
std::string_view compiled_version();
std::string_view commit();
Time committed_at();
// "linux-x86_64"
std::string_view platform();

// For main alone, while there is one thread.
void identify_build(BuildIdentity identity);

}  // namespace auterity
