#pragma once
// One request as the server read it. Views point into the connection's buffer and hold until the
// answer has been written; copy what must live longer. Header names are compared without case (RFC
// 9110, 5.1).
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/async.h"
#include "core/error.h"

namespace auterity::api {

enum class Method : std::uint8_t { get, head, post, put, patch, delete_, options, other };
// "GET"; "other" gives "OTHER", a label of bounded cardinality for metrics.
std::string_view to_text(Method method);
Method parse_method(std::string_view text);

struct HeaderField {
  std::string_view name, value;
};

bool equals_without_case(std::string_view left, std::string_view right);

// Where a request came from.
struct Peer {
  std::string address;  // numeric; "unix" for a unix socket
  bool is_local =
      false;  // loopback or a unix socket: one of our own proxies, or a person on this machine
};

// The body of a request whose route takes it as a stream.
class BodyReader {
 public:
  virtual ~BodyReader() = default;
  // Next piece, empty at the end; valid until the next call. Errors: invalid_input (malformed
  // chunks, ended early), too_large, timeout (the client sends too slowly), cancelled.
  virtual Async<Result<std::string_view>> read() = 0;
};

struct Request {
  Method method = Method::other;
  std::string_view target;  // as sent: "/api/x?limit=2"
  std::string_view path;    // before '?', not percent-decoded
  std::string_view query;   // after '?'
  int version = 11;         // 10 or 11
  std::vector<HeaderField> headers;
  std::string body;  // empty for streamed routes
  BodyReader* stream = nullptr;
  Peer peer;

  // First value of the header; nullopt when absent.
  std::optional<std::string_view> header(std::string_view name) const;
  // Decoded value of a query parameter; nullopt when absent. "+" is a space.
  std::optional<std::string> query_parameter(std::string_view name) const;
  void clear();
};

// "%41+b" to "A b"; nullopt for malformed escapes and NUL.
std::optional<std::string> percent_decode(std::string_view text, bool plus_is_space);

}  // namespace auterity::api
