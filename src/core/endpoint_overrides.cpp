#include "core/endpoint_overrides.h"

#include <fmt/format.h>

#include <boost/url/parse.hpp>
#include <boost/url/url.hpp>

#include "core/redirects.h"

namespace auterity {
namespace {

// Scheme and host in lower case, no trailing slash; nullopt when `text` cannot be a prefix.
std::optional<std::string> normalized_prefix(std::string_view text) {
  const auto parsed = boost::urls::parse_uri(text);
  if (!parsed || parsed->has_query() || parsed->has_fragment() || parsed->encoded_host().empty())
    return std::nullopt;
  boost::urls::url url(*parsed);
  url.normalize_scheme().normalize_authority();
  if (url.scheme_id() != boost::urls::scheme::http && url.scheme_id() != boost::urls::scheme::https)
    return std::nullopt;
  std::string prefix(url.buffer());
  while (prefix.ends_with('/')) prefix.pop_back();
  return prefix;
}

bool begins_with_prefix(std::string_view url, std::string_view prefix) {
  if (!url.starts_with(prefix)) return false;
  const std::string_view rest = url.substr(prefix.size());
  return rest.empty() || rest.front() == '/' || rest.front() == '?' || rest.front() == '#';
}

class OverridingHttpClient final : public HttpClient {
 public:
  OverridingHttpClient(HttpClient& inner, Clock& clock, std::vector<EndpointOverride> overrides)
      : inner_(inner), clock_(clock), overrides_(std::move(overrides)) {}

  Async<Result<HttpResponse>> send(HttpRequest request) override {
    const Duration deadline = clock_.monotonic() + request.timeout;
    for (int followed = 0;; ++followed) {
      HttpRequest hop = request;
      hop.url = apply_overrides(overrides_, request.url);
      hop.max_redirects = 0;  // each hop is rewritten here
      hop.timeout = deadline - clock_.monotonic();
      AUTERITY_CO_TRY(response, co_await inner_.send(std::move(hop)));
      AUTERITY_CO_TRY(next, next_hop(request, response, followed));
      if (!next) {
        response.url = request.url;
        co_return std::move(response);
      }
      request = std::move(*next);
    }
  }

 private:
  HttpClient& inner_;
  Clock& clock_;
  std::vector<EndpointOverride> overrides_;
};

}  // namespace

Result<EndpointOverride> parse_endpoint_override(std::string_view text) {
  for (const std::string_view mark : {"=http://", "=https://"}) {
    const std::size_t equals = text.find(mark);
    if (equals == std::string_view::npos) continue;
    auto from = normalized_prefix(text.substr(0, equals));
    auto to = normalized_prefix(text.substr(equals + 1));
    if (from && to) return EndpointOverride{std::move(*from), std::move(*to)};
  }
  return fail(ErrorKind::invalid_input,
              fmt::format("{} is not of the form FROM=TO with two http or https addresses", text),
              "for example: https://petstore.swagger.io=http://127.0.0.1:8080");
}

std::string apply_overrides(const std::vector<EndpointOverride>& overrides, std::string_view url) {
  const auto parsed = boost::urls::parse_uri(url);
  if (!parsed) return std::string(url);
  boost::urls::url normal(*parsed);
  normal.normalize_scheme().normalize_authority();
  const std::string_view text = normal.buffer();
  const EndpointOverride* best = nullptr;
  for (const EndpointOverride& candidate : overrides)
    if (begins_with_prefix(text, candidate.from) &&
        (!best || candidate.from.size() > best->from.size()))
      best = &candidate;
  return best ? best->to + std::string(text.substr(best->from.size())) : std::string(url);
}

std::unique_ptr<HttpClient> make_overriding_http_client(HttpClient& inner, Clock& clock,
                                                        std::vector<EndpointOverride> overrides) {
  return std::make_unique<OverridingHttpClient>(inner, clock, std::move(overrides));
}

}  // namespace auterity
