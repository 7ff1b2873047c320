#pragma once
// Sends requests for one place to another: a URL prefix is replaced on every hop, redirections
// included, while everything above this client keeps seeing the address that was asked for. For
// trying a workflow against stand-ins without editing it.
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.h"
#include "core/http_client.h"

namespace auterity {

struct EndpointOverride {
  std::string from;  // "https://petstore.swagger.io" or "https://api.example/v2"
  std::string to;    // "http://127.0.0.1:8080"
};

// "FROM=TO", both absolute http or https URLs without query and fragment; invalid_input otherwise.
Result<EndpointOverride> parse_endpoint_override(std::string_view text);

// `url` with the longest matching prefix replaced. A prefix ends where a part of the address ends,
// so "https://a.example" covers neither "https://a.example.org" nor "https://a.example:8443", and
// "…/v2" does not cover "…/v20".
std::string apply_overrides(const std::vector<EndpointOverride>& overrides, std::string_view url);

// `inner` must outlive the client.
std::unique_ptr<HttpClient> make_overriding_http_client(HttpClient& inner, Clock& clock,
                                                        std::vector<EndpointOverride> overrides);

}  // namespace auterity
