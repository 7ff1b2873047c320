#pragma once
// The status line and header fields of an answer as text (RFC 9112), with what every answer
// carries.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "api/http_server/response.h"
#include "core/time.h"

namespace auterity::api {

struct HeadOptions {
  std::string_view date;  // IMF-fixdate
  std::string_view request_id;
  std::optional<std::uint64_t>
      length;  // nullopt with `chunked` false: ends with the connection, or has no body
  bool chunked = false;
  bool keep_alive = true;
  int version = 11;
};
void append_head(std::string& out, const Response& response, const HeadOptions& options);

// "Tue, 24 Nov 2026 05:57:40 GMT" (RFC 9110, 5.6.7).
std::string to_http_date(Time time);

}  // namespace auterity::api
