#include "api/http_server/listen_address.h"

#include <boost/asio/ip/address.hpp>
#include <charconv>

namespace auterity::api {
namespace {

constexpr std::string_view kHint = "write host:port, e.g. 127.0.0.1:8000, or unix:/path/to/socket";
constexpr std::size_t kLongestSocketPath = 107;

Result<ListenAddress> unix_address(std::string_view path) {
  if (path.empty() || path.front() != '/')
    return fail(ErrorKind::invalid_input, "the socket path must be absolute", std::string(kHint));
  if (path.size() > kLongestSocketPath)
    return fail(ErrorKind::invalid_input, "the socket path is longer than 107 bytes",
                "choose a shorter folder; the system cuts longer paths");
  ListenAddress address;
  address.path = path;
  return address;
}

}  // namespace

Result<ListenAddress> parse_listen_address(std::string_view text) {
  if (text.starts_with("unix:")) return unix_address(text.substr(5));
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos)
    return fail(ErrorKind::invalid_input, "listen address without a port", std::string(kHint));
  std::string_view host = text.substr(0, colon), port = text.substr(colon + 1);
  ListenAddress address;
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), address.port);
  if (error != std::errc() || end != port.data() + port.size() || port.empty())
    return fail(ErrorKind::invalid_input, "the port is not a number from 0 to 65535",
                std::string(kHint));
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  if (host == "localhost") host = "127.0.0.1";
  if (host == "*" || host.empty()) host = "0.0.0.0";
  boost::system::error_code malformed;
  boost::asio::ip::make_address(std::string(host), malformed);
  if (malformed)
    return fail(ErrorKind::invalid_input, "the host is not a numeric address", std::string(kHint));
  address.host = host;
  return address;
}

std::string to_text(const ListenAddress& address) {
  if (!address.path.empty()) return "unix:" + address.path;
  const bool is_v6 = address.host.find(':') != std::string::npos;
  return (is_v6 ? "[" + address.host + "]" : address.host) + ":" + std::to_string(address.port);
}

}  // namespace auterity::api
