#pragma once
// HttpClient on the network by libcurl's multi interface, driven by the Asio loop it was given:
// keep-alive connections are shared by all requests, names are resolved off the loop, nothing
// blocks. The address policy of HttpRequest is applied to the resolved address of every connection,
// so that neither a redirect nor a DNS answer can lead to a link-local (metadata) address. Must be
// used and destroyed on the loop's thread, with no exchange under way.
#include <memory>
#include <string>

#include "core/async.h"
#include "core/http_client.h"

namespace auterity {

struct CurlOptions {
  std::string user_agent = "auterity";
  long max_connections = 256;  // kept and used at once, over all hosts
  long max_connections_a_host = 64;
  Duration connect_timeout = std::chrono::seconds(10);
};

std::unique_ptr<HttpClient> make_curl_http_client(Executor executor, CurlOptions options = {});

}  // namespace auterity
