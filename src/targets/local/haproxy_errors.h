#pragma once
// What HAProxy says when it answers in the place of a server: to callers of the API and of
// /metrics a problem document like every other error there (RFC 9457); to people whose browser
// asked for the web interface a page. What it cannot parse (no HTTP at all, a header that never
// ends or is larger than its buffer) HAProxy 2.6 refuses with words of its own, which no setting
// changes: its buffer is therefore larger than the API's limit of a header, so that the API says
// which header is too large.
#include <string>

namespace auterity::local {

// Lines of the section `defaults`: requests that could not be read, and everything else not said
// below.
std::string default_error_lines();
// Lines of the API's backend; they refer to the variables txn.path and txn.request_id.
std::string api_error_lines();
// Lines of the web interface's backend.
std::string web_error_lines();

}  // namespace auterity::local
