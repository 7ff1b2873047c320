#pragma once
// Where a server listens: "host:port" (numeric address or localhost, "*" for every interface,
// "[::1]:80") or "unix:/path".
#include <cstdint>
#include <string>
#include <string_view>

#include "core/error.h"

namespace auterity::api {

struct ListenAddress {
  std::string path;        // a unix socket; empty: TCP
  std::string host;        // numeric
  std::uint16_t port = 0;  // 0: the system chooses
};

// invalid_input says what is wrong; a socket path over 107 bytes is refused here, since the kernel
// would cut it.
Result<ListenAddress> parse_listen_address(std::string_view text);
std::string to_text(const ListenAddress& address);

}  // namespace auterity::api
