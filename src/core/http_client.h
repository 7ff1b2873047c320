#pragma once
// Outgoing HTTP as a service. CurlHttpClient (curl_http_client.h) speaks to the network; tests use
// a scripted or simulated one. Policy (which addresses may be reached) is part of the request so
// that a caller cannot forget it: the default refuses link-local and metadata addresses, every hop
// of a redirect included, and schemes other than http and https.
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/async.h"
#include "core/error.h"
#include "core/time.h"

namespace auterity {

using HttpHeaders = std::vector<std::pair<std::string, std::string>>;

// First value of a header, compared without case; nullptr when absent.
const std::string* find_header(const HttpHeaders& headers, std::string_view name);

struct HttpRequest {
  std::string method = "GET";  // upper case
  std::string url;             // absolute, http or https
  HttpHeaders headers;
  std::string body;
  Duration timeout = std::chrono::seconds(30);  // the whole exchange, redirects included
  int max_redirects = 0;                        // 0: a 3xx is an ordinary response
  std::size_t max_response_bytes = 16 * 1024 * 1024;
  // Path of a socket on this machine to speak to instead of the URL's host; empty: the network.
  std::string unix_socket;
  bool allow_link_local = false;  // true only for the platform's own instance-metadata client
};

struct HttpResponse {
  int status = 0;
  HttpHeaders headers;  // of the last hop, names as they came
  std::string body;     // decoded (gzip, deflate)
  std::string url;      // of the last hop
};

class HttpClient {
 public:
  virtual ~HttpClient() = default;
  // Any status is a success. Errors: invalid_input (URL, scheme), forbidden (address refused),
  // unavailable (connect, TLS, reset), timeout, too_large. Cancelling the calling coroutine
  // abandons the exchange.
  virtual Async<Result<HttpResponse>> send(HttpRequest request) = 0;
};

}  // namespace auterity
