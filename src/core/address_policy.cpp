#include "core/address_policy.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <cstdint>
#include <cstring>

namespace auterity {
namespace {

bool is_link_local_v4(const std::uint8_t* octets) { return octets[0] == 169 && octets[1] == 254; }

}  // namespace

bool is_link_local(const sockaddr& address) {
  if (address.sa_family == AF_INET) {
    sockaddr_in in{};
    std::memcpy(&in, &address, sizeof in);
    return is_link_local_v4(reinterpret_cast<const std::uint8_t*>(&in.sin_addr));
  }
  if (address.sa_family != AF_INET6) return false;
  sockaddr_in6 in{};
  std::memcpy(&in, &address, sizeof in);
  const std::uint8_t* octets = in.sin6_addr.s6_addr;
  if (octets[0] == 0xfe && (octets[1] & 0xc0) == 0x80) return true;
  if (octets[0] == 0xfd && octets[1] == 0x00 && octets[2] == 0x0e && octets[3] == 0xc2) return true;
  constexpr std::uint8_t kMapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  return std::memcmp(octets, kMapped, sizeof kMapped) == 0 && is_link_local_v4(octets + 12);
}

}  // namespace auterity
