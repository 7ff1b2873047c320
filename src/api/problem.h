#pragma once
// Error answers: RFC 9457 problem documents with type, title, status, detail, instance (the
// request's path), request_id and hint.
#include <string>
#include <string_view>

#include "api/http_server/application.h"
#include "core/error.h"
#include "core/json.h"

namespace auterity::api {

struct Problem {
  int status = 500;
  std::string_view name;   // last part of the type "urn:auterity:problem:<name>"; static storage
  std::string_view title;  // static storage
  std::string detail;
  std::string hint;
  JsonObject members;  // further members of the document
};

Problem problem_of(const Error& error);
// For statuses that no ErrorKind stands for: 405, 406, 408, 413, 415, 431, 501 and whatever the
// parser refuses.
Problem problem_of_status(int status, std::string detail, std::string hint);

// Replaces what the response holds, keeping its headers. Of internal errors only the fact is told;
// the caller logs the rest.
void answer_problem(Exchange& exchange, const Problem& problem);
void answer_problem(Exchange& exchange, const Error& error);

}  // namespace auterity::api
