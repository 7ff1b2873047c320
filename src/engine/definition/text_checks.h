#pragma once
// Checks of single texts of a definition, as the grammar's tables use them: empty when the text is
// fine, else what to write instead.
#include <string>
#include <string_view>

namespace auterity::engine {

// "${ … }", with nothing but white space around it.
bool is_runtime_expression(std::string_view text);

namespace grammar {

std::string check_not_empty(std::string_view text);
std::string check_expression(std::string_view text);     // must be "${ … }"
std::string check_dns_label(std::string_view text);      // namespace and name
std::string check_version(std::string_view text);        // semantic version
std::string check_dsl_version(std::string_view text);    // semantic version 1.x
std::string check_duration_text(std::string_view text);  // ISO 8601 or expression
std::string check_uri(std::string_view text);            // URI template or reference, or expression
std::string check_literal_uri(std::string_view text);    // URI template or reference
std::string check_cron(std::string_view text);
std::string check_method(std::string_view text);  // of HTTP
std::string check_host(std::string_view text);
std::string check_language(std::string_view text);      // of expressions
std::string check_variable(std::string_view text);      // a jq variable's name, without $
std::string check_time(std::string_view text);          // RFC 3339 or expression
std::string check_json_pointer(std::string_view text);  // RFC 6901 or expression

}  // namespace grammar
}  // namespace auterity::engine
