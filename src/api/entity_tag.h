#pragma once
// Conditional requests (RFC 9110, section 13): what a caller holds already is not sent again.
#include <string>
#include <string_view>

#include "api/http_server/application.h"

namespace auterity::api {

// Says in the answer which state of the resource it shows, and that a copy is asked about before it
// is used. True: the caller holds that state (If-None-Match), the answer is 304 and complete.
// `tag`: opaque, without quotes.
bool answer_unchanged(Exchange& exchange, std::string_view tag);

}  // namespace auterity::api
