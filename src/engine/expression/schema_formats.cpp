// The formats of draft 7 (section 7.3) that can be told with certainty.
#include <arpa/inet.h>
#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <boost/url/parse.hpp>

#include "core/time.h"
#include "engine/expression/schema_document.h"

namespace auterity::engine {
namespace {

bool matches(std::string_view text, const RE2& pattern) {
  return RE2::FullMatch(re2::StringPiece(text.data(), text.size()), pattern);
}

bool is_date_time(std::string_view text) { return parse_rfc3339(text).has_value(); }
bool is_date(std::string_view text) { return is_date_time(std::string(text) + "T00:00:00Z"); }
bool is_time(std::string_view text) { return is_date_time("2000-01-01T" + std::string(text)); }

bool is_email(std::string_view text) {
  static const RE2 pattern(R"([^@\s"(),:;<>\[\\\]]+@[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?)");
  return text.size() <= 254 && matches(text, pattern);
}
bool is_hostname(std::string_view text) {
  static const RE2 pattern(
      R"([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*)");
  return text.size() <= 253 && matches(text, pattern);
}
bool is_address(std::string_view text, int family) {
  std::array<unsigned char, sizeof(in6_addr)> address{};
  return text.find('\0') == std::string_view::npos &&
         ::inet_pton(family, std::string(text).c_str(), address.data()) == 1;
}
bool is_ipv4(std::string_view text) { return is_address(text, AF_INET); }
bool is_ipv6(std::string_view text) { return is_address(text, AF_INET6); }
bool is_uri(std::string_view text) { return boost::urls::parse_uri(text).has_value(); }
bool is_uri_reference(std::string_view text) {
  return boost::urls::parse_uri_reference(text).has_value();
}
bool is_uuid(std::string_view text) {
  static const RE2 pattern("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}");
  return matches(text, pattern);
}
bool is_json_pointer(std::string_view text) {
  static const RE2 pattern("(/([^~/]|~[01])*)*");
  return matches(text, pattern);
}
bool is_duration(std::string_view text) {
  static const RE2 pattern(R"(P(\d+W|(\d+Y)?(\d+M)?(\d+D)?(T(\d+H)?(\d+M)?(\d+(\.\d+)?S)?)?))");
  return text.size() > 1 && text.back() != 'T' && text != "P" && matches(text, pattern);
}

struct Format {
  std::string_view name;
  bool (*holds)(std::string_view);
};
constexpr std::array<Format, 12> formats = {{{"date-time", is_date_time},
                                             {"date", is_date},
                                             {"time", is_time},
                                             {"duration", is_duration},
                                             {"email", is_email},
                                             {"hostname", is_hostname},
                                             {"ipv4", is_ipv4},
                                             {"ipv6", is_ipv6},
                                             {"uri", is_uri},
                                             {"uri-reference", is_uri_reference},
                                             {"uuid", is_uuid},
                                             {"json-pointer", is_json_pointer}}};

}  // namespace

bool knows_format(std::string_view format) {
  return std::ranges::find(formats, format, &Format::name) != formats.end();
}

bool has_format(std::string_view text, std::string_view format) {
  auto known = std::ranges::find(formats, format, &Format::name);
  return known == formats.end() || known->holds(text);
}

}  // namespace auterity::engine
