#include "core/redirects.h"

#include <fmt/format.h>
#include <strings.h>

#include <algorithm>
#include <array>
#include <boost/url/parse.hpp>
#include <boost/url/url.hpp>

namespace auterity {
namespace {

bool is_redirection(int status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

bool becomes_get(const std::string& method, int status) {
  if (status == 303) return method != "HEAD";
  return (status == 301 || status == 302) && method == "POST";
}

template <std::size_t Count>
void drop_headers(HttpHeaders& headers, const std::array<const char*, Count>& names) {
  std::erase_if(headers, [&names](const auto& header) {
    return std::ranges::any_of(
        names, [&](const char* name) { return ::strcasecmp(header.first.c_str(), name) == 0; });
  });
}

std::string port_of(const boost::urls::url_view& url) {
  if (url.has_port() && !url.port().empty()) return std::string(url.port());
  return url.scheme_id() == boost::urls::scheme::https ? "443" : "80";
}

bool same_origin(const boost::urls::url_view& left, const boost::urls::url_view& right) {
  const std::string left_host(left.encoded_host()), right_host(right.encoded_host());
  return left.scheme_id() == right.scheme_id() &&
         ::strcasecmp(left_host.c_str(), right_host.c_str()) == 0 &&
         port_of(left) == port_of(right);
}

std::unexpected<Error> bad_location() {
  return fail(ErrorKind::invalid_input, "the redirection does not lead to an http or https address",
              "call the final address instead of following redirections");
}

}  // namespace

Result<std::optional<HttpRequest>> next_hop(const HttpRequest& request,
                                            const HttpResponse& response, int followed) {
  const std::string* location = find_header(response.headers, "location");
  if (request.max_redirects <= 0 || !is_redirection(response.status) || !location)
    return std::nullopt;
  if (followed >= request.max_redirects)
    return fail(ErrorKind::unavailable,
                fmt::format("more than {} redirects", request.max_redirects),
                "call the final address");
  const auto base = boost::urls::parse_uri(request.url);
  const auto reference = boost::urls::parse_uri_reference(*location);
  boost::urls::url target;
  if (!base || !reference || !boost::urls::resolve(*base, *reference, target))
    return bad_location();
  const auto scheme = target.scheme_id();
  if ((scheme != boost::urls::scheme::http && scheme != boost::urls::scheme::https) ||
      target.encoded_host().empty())
    return bad_location();
  target.remove_fragment();
  HttpRequest next = request;
  next.url = std::string(target.buffer());
  if (becomes_get(request.method, response.status)) {
    next.method = "GET";
    next.body.clear();
    drop_headers(next.headers, std::array{"content-type", "content-length", "content-encoding",
                                          "idempotency-key"});
  }
  if (!same_origin(*base, target))
    drop_headers(next.headers, std::array{"authorization", "cookie", "proxy-authorization"});
  return next;
}

}  // namespace auterity
