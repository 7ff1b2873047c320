#include "api/client_address.h"

#include <boost/asio/ip/address.hpp>

namespace auterity::api {
namespace {

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

}  // namespace

Caller find_caller(const Request& request) {
  if (!request.peer.is_local) return {request.peer.address, false};
  std::string_view forwarded;
  for (const HeaderField& field : request.headers)
    if (equals_without_case(field.name, "X-Forwarded-For")) forwarded = field.value;
  if (forwarded.empty()) return {request.peer.address, true};
  const std::string_view last = trimmed(forwarded.substr(forwarded.rfind(',') + 1));
  boost::system::error_code malformed;
  const auto address = boost::asio::ip::make_address(std::string(last), malformed);
  if (malformed) return {"unknown", false};
  return {address.to_string(), address.is_loopback()};
}

}  // namespace auterity::api
