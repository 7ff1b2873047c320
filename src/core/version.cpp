#include "core/version.h"

namespace auterity {

std::string_view version() { return AUTERITY_VERSION; }

std::string_view platform() {
#if defined(__x86_64__)
  return "linux-x86_64";
#elif defined(__aarch64__)
  return "linux-aarch64";
#else
#error "auterity is built for x86_64 and aarch64"
#endif
}

}  // namespace auterity
