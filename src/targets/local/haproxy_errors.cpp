#include "targets/local/haproxy_errors.h"

#include <fmt/format.h>

#include <array>
#include <string_view>

namespace auterity::local {
namespace {

struct ErrorFacts {
  int status;
  std::string_view name, title, detail, hint;
};

constexpr std::array kOfRequests{
    ErrorFacts{400, "malformed_request", "Malformed request", "the request is no well-formed HTTP",
               "send well-formed HTTP/1.1"},
    ErrorFacts{408, "request_timeout", "Request timed out", "the request did not arrive in time",
               "send the request without long pauses"},
    ErrorFacts{413, "too_large", "Too large", "the request is too large", "send less at once"},
    ErrorFacts{500, "internal", "Internal error", "the load balancer could not handle the request",
               "try again; on its machine see: auterity status"},
    ErrorFacts{501, "not_implemented", "Not implemented",
               "the load balancer does not understand what is asked for",
               "use the methods and codings that HTTP/1.1 names"},
};

constexpr std::array kOfServers{
    ErrorFacts{502, "bad_gateway", "Bad gateway",
               "the server ended the connection, or sent what is no HTTP",
               "try again; whether the request was carried out is unknown"},
    ErrorFacts{503, "unavailable", "Service unavailable", "no server takes requests at the moment",
               "try again; on its machine see: auterity status"},
    ErrorFacts{504, "timeout", "Gateway timeout", "the server did not answer in time",
               "try again; whether the request was carried out is unknown"},
};

// `more`: further members. `kind`: "string", or "lf-string" when there are variables in them.
std::string problem_line(const ErrorFacts& facts, std::string_view kind, std::string_view more) {
  return fmt::format(
      R"(  http-error status {0} content-type application/problem+json {1} )"
      R"('{{"type":"urn:auterity:problem:{2}","title":"{3}","status":{0},"detail":"{4}",{5})"
      R"("hint":"{6}"}}'{7} hdr Cache-Control no-store)"
      "\n",
      facts.status, kind, facts.name, facts.title, facts.detail, more, facts.hint,
      facts.status == 503 ? " hdr Retry-After 1" : "");
}

std::string page_line(const ErrorFacts& facts) {
  return fmt::format(
      R"(  http-error status {0} content-type "text/html; charset=utf-8" string )"
      R"('<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{1}</title></head>)"
      R"(<body><h1>{1}</h1><p>Auterity: {2}.</p><p>Hint: {3}</p></body></html>'{4})"
      " hdr Cache-Control no-store\n",
      facts.status, facts.title, facts.detail, facts.hint,
      facts.status == 503 ? " hdr Retry-After 1" : "");
}

}  // namespace

std::string default_error_lines() {
  std::string lines;
  for (const ErrorFacts& facts : kOfRequests) lines += problem_line(facts, "string", "");
  for (const ErrorFacts& facts : kOfServers) lines += problem_line(facts, "string", "");
  return lines;
}

std::string api_error_lines() {
  std::string lines;
  for (const ErrorFacts& facts : kOfServers)
    lines += problem_line(facts, "lf-string",
                          R"("instance":"%[var(txn.path),json(utf8s)]",)"
                          R"("request_id":"%[var(txn.request_id)]",)");
  return lines;
}

std::string web_error_lines() {
  std::string lines;
  for (const ErrorFacts& facts : kOfServers) lines += page_line(facts);
  return lines;
}

}  // namespace auterity::local
