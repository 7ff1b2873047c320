#include "api/problem.h"

#include <array>
#include <boost/json/object.hpp>
#include <boost/json/string.hpp>

namespace auterity::api {
namespace {

struct StatusRow {
  int status;
  std::string_view name, title;
};

constexpr std::array kStatuses{
    StatusRow{400, "malformed_request", "Malformed request"},
    StatusRow{405, "method_not_allowed", "Method not allowed"},
    StatusRow{406, "not_acceptable", "Not acceptable"},
    StatusRow{408, "request_timeout", "Request timed out"},
    StatusRow{413, "too_large", "Too large"},
    StatusRow{415, "unsupported_media_type", "Unsupported media type"},
    StatusRow{431, "header_too_large", "Request header too large"},
    StatusRow{501, "not_implemented", "Not implemented"},
};

}  // namespace

Problem problem_of(const Error& error) {
  const ErrorKindFacts& kind = facts(error.kind);
  Problem problem{kind.http_status, kind.name, kind.title, error.message, error.hint, {}};
  if (error.kind == ErrorKind::internal) {
    problem.detail = "the request could not be carried out because of a fault in the platform";
    problem.hint = "look for the request id in the logs, and report it";
  }
  return problem;
}

Problem problem_of_status(int status, std::string detail, std::string hint) {
  for (const StatusRow& row : kStatuses)
    if (row.status == status)
      return {status, row.name, row.title, std::move(detail), std::move(hint), {}};
  return {status,          "failed", "The request could not be carried out", std::move(detail),
          std::move(hint), {}};
}

void answer_problem(Exchange& exchange, const Problem& problem) {
  JsonObject document;
  document["type"] = "urn:auterity:problem:" + std::string(problem.name);
  document["title"] = problem.title;
  document["status"] = problem.status;
  document["detail"] = problem.detail;
  document["instance"] = exchange.request.path;
  document["request_id"] = exchange.request_id;
  if (!problem.hint.empty()) document["hint"] = problem.hint;
  for (const auto& member : problem.members) document[member.key()] = member.value();
  Response& response = exchange.response;
  response.status = problem.status;
  response.content_type = "application/problem+json";
  response.own_content_type.clear();
  response.body = auterity::to_text(Json(std::move(document)));
  response.stream.reset();
  response.stream_size.reset();
}

void answer_problem(Exchange& exchange, const Error& error) {
  answer_problem(exchange, problem_of(error));
}

}  // namespace auterity::api
