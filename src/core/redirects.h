#pragma once
// Where a redirection leads (RFC 9110, section 15.4; RFC 3986, section 5). Pure, so that every
// client follows in the same way.
//  - 301 and 302 turn POST into GET, 303 turns everything but HEAD into GET; the body and the
//  headers that describe it go. 307 and 308
//    repeat the request as it was.
//  - Credentials (Authorization, Cookie) go to the same scheme, host and port only.
#include <expected>
#include <optional>

#include "core/http_client.h"

namespace auterity {

// The request to send next; nullopt when `response` is the answer: it is no redirection, has no
// Location, or max_redirects is 0 because nobody wants to follow. `followed` counts the
// redirections before this one. Errors: invalid_input (a Location that is no http or https
// address), unavailable (more than max_redirects).
Result<std::optional<HttpRequest>> next_hop(const HttpRequest& request,
                                            const HttpResponse& response, int followed);

}  // namespace auterity
