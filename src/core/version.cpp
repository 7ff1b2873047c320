#include "core/version.h"

#include <utility>

namespace auterity {
namespace {

BuildIdentity& identity() {
  static BuildIdentity known{AUTERITY_VERSION, "unknown", {}};
  return known;
}

}  // namespace

std::string_view version() { return identity().version; }
std::string_view compiled_version() { return AUTERITY_VERSION; }
std::string_view commit() { return identity().commit; }
Time committed_at() { return identity().committed_at; }

std::string_view platform() {
#if defined(__x86_64__)
  return "linux-x86_64";
#elif defined(__aarch64__)
  return "linux-aarch64";
#else
#error "auterity is built for x86_64 and aarch64"
#endif
}

void identify_build(BuildIdentity found) { identity() = std::move(found); }

}  // namespace auterity
