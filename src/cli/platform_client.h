#pragma once
// The HTTP API of the platform on this machine, for commands: signs in with the environment's
// credentials and turns problem documents (RFC 9457) into errors with their hint.
#include <memory>
#include <string>

#include "core/async.h"
#include "core/error.h"
#include "core/http_client.h"
#include "core/json.h"
#include "targets/local/platform.h"

namespace auterity::cli {

struct ApiAnswer {
  int status = 0;
  HttpHeaders headers;
  Json body;  // null when there was none
};

class PlatformClient {
 public:
  PlatformClient(HttpClient& http, const local::Platform& platform);

  // Every later request carries the token.
  Async<Status> sign_in();
  // `path` begins with /api. Answers other than 2xx are errors: unavailable, invalid_input,
  // conflict, … with the problem's detail.
  Async<Result<ApiAnswer>> send(std::string method, std::string path, std::string content_type,
                                std::string body, HttpHeaders headers = {},
                                Duration timeout = std::chrono::seconds(30));

 private:
  HttpClient& http_;
  std::string base_;
  std::string email_;
  std::string password_;
  std::string token_;
};

}  // namespace auterity::cli
