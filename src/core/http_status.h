#pragma once
// Names of HTTP status codes, for status lines and messages (RFC 9110, section 15, and the registry
// that it founds). What an error of ours means in HTTP is the table of error.h.
#include <string_view>

namespace auterity {

// "Not Found" for 404; empty for a code without a name here.
std::string_view reason_phrase(int status);

}  // namespace auterity
