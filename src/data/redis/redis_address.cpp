#include "data/redis/redis_address.h"

#include <boost/url/parse.hpp>
#include <boost/url/url.hpp>
#include <charconv>

namespace auterity::data {
namespace {

std::unexpected<Error> malformed() {
  return fail(ErrorKind::invalid_input, "the Redis URL cannot be read",
              "write it as redis://user:password@host:port/0, rediss://… for TLS or "
              "unix:///path?password=…, special characters percent-encoded");
}

bool parse_number(std::string_view text, int& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size() && number >= 0;
}

bool take_parameters(const boost::urls::url_view& url, RedisAddress& address) {
  for (const auto& [key, value, has_value] : url.params()) {
    if (key == "password") {
      address.password = value;
    } else if (key == "user") {
      address.user = value;
    } else if (key == "ca_file") {
      address.ca_file = value;
    } else if (key != "db" || !parse_number(value, address.database)) {
      return false;
    }
  }
  return true;
}

}  // namespace

Result<RedisAddress> parse_redis_url(const std::string& url) {
  const auto parsed = boost::urls::parse_uri(url);
  if (!parsed) return malformed();
  RedisAddress address;
  if (!take_parameters(*parsed, address)) return malformed();
  const std::string scheme(parsed->scheme());
  const std::string path = parsed->path();
  if (scheme == "unix") {
    if (path.size() < 2 || path.front() != '/' || !parsed->host().empty()) return malformed();
    address.socket_path = path;
    return address;
  }
  if (scheme != "redis" && scheme != "rediss") return malformed();
  address.tls = scheme == "rediss";
  address.host =
      parsed->host_type() == boost::urls::host_type::ipv6 ? parsed->host_address() : parsed->host();
  if (address.host.empty()) return malformed();
  if (parsed->has_port()) {
    int port = 0;
    if (!parse_number(std::string(parsed->port()), port) || port < 1 || port > 65535)
      return malformed();
    address.port = static_cast<std::uint16_t>(port);
  }
  if (parsed->has_userinfo()) {
    address.user = parsed->user();
    address.password = parsed->password();
  }
  if (path.size() > 1 && !parse_number(path.substr(1), address.database)) return malformed();
  return address;
}

}  // namespace auterity::data
