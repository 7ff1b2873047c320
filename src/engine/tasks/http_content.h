#pragma once
// Bodies of HTTP messages: workflow data to bytes and back, by media type (RFC 9110, section 8.3).
#include <string>
#include <string_view>

#include "core/error.h"
#include "core/http_client.h"
#include "core/json.h"

namespace auterity::engine {

struct EncodedBody {
  std::string bytes;
  std::string content_type;  // to send when the author gave none; empty: none
};

// Text as it is; anything else as JSON, or as a form when `content_type` is
// application/x-www-form-urlencoded (objects only; arrays repeat their name). null is no body.
// invalid_input when the type cannot hold the value.
Result<EncodedBody> encode_body(const Json& body, std::string_view content_type);

// JSON parsed when the type is application/json or ends in +json, or when there is no type and it
// is JSON; text when it is text in UTF-8, ISO-8859-1 or US-ASCII; base64 otherwise; null when there
// is nothing. invalid_input when JSON was announced and is not.
Result<Json> decode_content(const HttpResponse& response);

std::string to_base64(std::string_view bytes);
bool is_utf8(std::string_view text);

// A scalar as it stands in a URL or a header: text as it is, numbers and booleans as JSON; nullopt
// for null, arrays and objects.
std::optional<std::string> scalar_text(const Json& value);
// RFC 3986: everything but unreserved characters percent-encoded.
std::string percent_encoded(std::string_view text);

}  // namespace auterity::engine
