#pragma once
// Which build this is. The version is the project's (CMakeLists.txt); a release keeps it in its
// manifest, the health routes and $runtime.version show it.
#include <string_view>

namespace auterity {

// Semantic version, "0.1.0".
std::string_view version();
// "linux-x86_64"
std::string_view platform();

}  // namespace auterity
