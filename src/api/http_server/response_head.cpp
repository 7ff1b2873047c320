#include "api/http_server/response_head.h"

#include <fmt/core.h>

#include <array>
#include <charconv>

#include "api/http_server/request.h"
#include "core/http_status.h"

namespace auterity::api {
namespace {

// An API's answers are data: never sniffed, framed, cached by default or run as a page.
constexpr std::string_view kEveryAnswer =
    "X-Content-Type-Options: nosniff\r\n"
    "X-Frame-Options: DENY\r\n"
    "Referrer-Policy: no-referrer\r\n"
    "Content-Security-Policy: default-src 'none'; frame-ancestors 'none'\r\n";
constexpr std::string_view kNotCached = "Cache-Control: no-store\r\n";

void append_number(std::string& out, std::uint64_t number) {
  std::array<char, 20> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number);
  out.append(digits.data(), end.ptr);
}

void append_field(std::string& out, std::string_view name, std::string_view value) {
  out.append(name).append(": ");
  // A value taken from outside must not begin a field of its own.
  for (char c : value) out.push_back(c == '\r' || c == '\n' || c == '\0' ? ' ' : c);
  out.append("\r\n");
}

bool sets_caching(const Response& response) {
  for (const auto& [name, value] : response.headers)
    if (equals_without_case(name, "Cache-Control")) return true;
  return false;
}

}  // namespace

void append_head(std::string& out, const Response& response, const HeadOptions& options) {
  out.append("HTTP/1.1 ");
  append_number(out, static_cast<std::uint64_t>(response.status));
  out.append(" ").append(reason_phrase(response.status)).append("\r\nDate: ");
  out.append(options.date).append("\r\n").append(kEveryAnswer);
  if (!sets_caching(response)) out.append(kNotCached);
  out.append("X-Request-Id: ").append(options.request_id).append("\r\n");
  const bool has_content = response.status != 204 && response.status != 304;
  if (has_content && response.own_content_type.empty())
    out.append("Content-Type: ").append(response.content_type).append("\r\n");
  else if (has_content)
    append_field(out, "Content-Type", response.own_content_type);
  if (options.length && has_content) {
    out.append("Content-Length: ");
    append_number(out, *options.length);
    out.append("\r\n");
  } else if (options.chunked) {
    out.append("Transfer-Encoding: chunked\r\n");
  }
  if (!options.keep_alive) {
    out.append("Connection: close\r\n");
  } else if (options.version == 10) {
    out.append("Connection: keep-alive\r\n");
  }
  for (const auto& [name, value] : response.headers) append_field(out, name, value);
  out.append("\r\n");
}

std::string to_http_date(Time time) {
  constexpr std::array kDays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                               "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(std::chrono::floor<std::chrono::seconds>(time - day));
  return fmt::format(
      "{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT", kDays[std::chrono::weekday(day).c_encoding()],
      static_cast<unsigned>(date.day()), kMonths[static_cast<unsigned>(date.month()) - 1],
      static_cast<int>(date.year()), clock.hours().count(), clock.minutes().count(),
      clock.seconds().count());
}

}  // namespace auterity::api
