#pragma once
// The load balancer's own record of each request, which is what a new version is judged by: the
// version under test has no say in it. One JSON object a line, as haproxy_service.cpp has HAProxy
// write it. Pure: reading the files is request_log_reader.h.
#include <optional>
#include <string>
#include <string_view>

#include "core/time.h"

namespace auterity::operations {

struct RequestRecord {
  Time accepted_at;
  std::string server;       // "green-api-1"; "<NOSRV>" when none was found
  std::string request_id;   // as answered in X-Request-Id
  int status = 0;           // -1: the client went away before there was one
  double response_ms = 0;   // until the first byte of the server's answer; negative: there was none
  std::string termination;  // HAProxy's two letters, "--" for an orderly end

  // The server's fault: an answer of 5xx, or a connection to it that failed or timed out. A client
  // that goes away or sends rubbish is not.
  bool server_failed() const;
  // The client ended it; it says nothing about the server.
  bool client_gave_up() const;
};

// nullopt for lines that are no requests: HAProxy's own messages, or a line cut short.
std::optional<RequestRecord> parse_request_line(std::string_view line);

// "green" of "green-api-1"; empty when no server had the request.
std::string_view pool_of(std::string_view server);

}  // namespace auterity::operations
