#pragma once
// Speaks to one replica alone, past the load balancer, over its own socket.
#include <filesystem>
#include <string>

#include "core/http_client.h"
#include "core/json.h"
#include "targets/local/platform.h"

namespace auterity::operations {

class ReplicaClient {
 public:
  ReplicaClient(HttpClient& http, const local::Platform& platform, std::string_view service)
      : ReplicaClient(http, platform.layout.socket(service), service) {}
  // One that listens somewhere else; `service` is its name in messages.
  ReplicaClient(HttpClient& http, const std::filesystem::path& socket, std::string_view service)
      : http_(http), socket_(socket.string()), service_(service) {}

  const std::string& service() const { return service_; }

  // A GET whose answer must be 200 with a JSON object; failed with what was answered otherwise.
  Async<Result<Json>> get(std::string path);
  // Signs in as the first administrator and answers the bearer token.
  Async<Result<std::string>> sign_in(const local::Credentials& credentials);
  // A POST of JSON with a token; any 2xx.
  Async<Result<Json>> post(std::string path, std::string token, Json body,
                           HttpHeaders more_headers = {});

 private:
  Async<Result<Json>> send(HttpRequest request);

  HttpClient& http_;
  std::string socket_;
  std::string service_;
};

}  // namespace auterity::operations
