#pragma once
// One answer. Handlers fill it in; the connection adds what every answer carries (date, length,
// request id, security headers).
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/async.h"
#include "core/error.h"

namespace auterity::api {

// A body produced while it is sent. Pulled only when what came before has been handed to the
// socket, so that a slow reader bounds the memory it costs.
class BodySource {
 public:
  virtual ~BodySource() = default;
  // Next piece; empty ends the body. An error cuts the connection: the client sees an incomplete
  // body, never a wrong one.
  virtual Async<Result<std::string>> read() = 0;
};

struct Response {
  int status = 200;
  std::string_view content_type = "application/json";  // static storage
  std::string own_content_type;                        // instead, when it is not ours to choose
  std::vector<std::pair<std::string_view, std::string>> headers;  // names in static storage
  std::string body;
  std::unique_ptr<BodySource> stream;        // instead of `body`
  std::optional<std::uint64_t> stream_size;  // known length: Content-Length instead of chunks
  bool event_stream = false;                 // may be silent for long; ended when the server drains

  void add_header(std::string_view name, std::string value) {
    headers.emplace_back(name, std::move(value));
  }
  // Ready for the next answer; keeps its memory.
  void clear();
};

}  // namespace auterity::api
