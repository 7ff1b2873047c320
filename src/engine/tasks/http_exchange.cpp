#include "engine/tasks/http_exchange.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/url/parse.hpp>
#include <boost/url/url.hpp>

#include "core/http_status.h"
#include "core/redaction.h"
#include "core/version.h"
#include "engine/definition/uri_template.h"
#include "engine/tasks/http_content.h"

namespace auterity::engine {
namespace {

constexpr int kMaxRedirects = 10;
// Ends a call whose task has no time limit of its own.
constexpr Duration kUsualTimeout = std::chrono::minutes(2);
// With a limit on the task, the engine ends the call; this one is only there so that nothing waits
// for ever.
constexpr Duration kLongestTimeout = std::chrono::hours(24);

std::unexpected<WorkflowError> misconfigured(std::string detail) {
  return std::unexpected(make_error(StandardError::configuration, std::move(detail), ""));
}

// ---- the request
// -------------------------------------------------------------------------------------------------
std::expected<std::string, WorkflowError> endpoint_of(const CallHttpTask& call,
                                                      const EffectRequest& effect) {
  const Json* uri = find_member(effect.arguments, "uri");
  if (!uri || !uri->is_string())
    return misconfigured(
        "the endpoint is not text: its expression must yield an absolute http or https URI");
  std::string text(uri->get_string());
  if (!call.endpoint_is_template) return text;
  static const Json kNothing;
  auto expanded = expand_uri_template(text, effect.input ? *effect.input : kNothing);
  if (!expanded)
    return std::unexpected(make_error(StandardError::expression, expanded.error().message, ""));
  return std::move(*expanded);
}

// Adds `query` to what the endpoint has; null leaves a name out, a list repeats it.
std::expected<void, WorkflowError> append_query(boost::urls::url& url, const Json& query) {
  if (query.is_null()) return {};
  const JsonObject* names = query.if_object();
  if (!names) return misconfigured("`query` is not a map of names to values");
  for (const auto& [name, value] : *names) {
    const JsonArray single{value};
    const JsonArray& values = value.is_array() ? value.get_array() : single;
    for (const Json& item : values) {
      if (item.is_null()) continue;
      const auto text = scalar_text(item);
      if (!text)
        return misconfigured(fmt::format(
            "the query parameter {} is neither text, number, boolean nor a list of these",
            std::string_view(name)));
      const std::string known(url.encoded_query());
      url.set_encoded_query(known + (known.empty() ? "" : "&") + percent_encoded(name) + "=" +
                            percent_encoded(*text));
    }
  }
  return {};
}

std::expected<std::string, WorkflowError> url_of(const CallHttpTask& call,
                                                 const EffectRequest& effect) {
  auto endpoint = endpoint_of(call, effect);
  if (!endpoint) return std::unexpected(std::move(endpoint).error());
  const auto parsed = boost::urls::parse_uri(*endpoint);
  if (!parsed)
    return misconfigured(
        fmt::format("the endpoint {} is not an absolute URI: {}", shown_url(*endpoint),
                    "it needs a scheme and a host, and characters that URIs forbid "
                    "must be percent-encoded"));
  boost::urls::url url(*parsed);
  if (url.scheme_id() != boost::urls::scheme::http && url.scheme_id() != boost::urls::scheme::https)
    return misconfigured(
        fmt::format("the endpoint's scheme is {}, and only http and https can be called",
                    std::string_view(url.scheme())));
  if (url.encoded_host().empty()) return misconfigured("the endpoint has no host");
  url.remove_fragment();
  if (const Json* query = find_member(effect.arguments, "query"))
    if (auto appended = append_query(url, *query); !appended)
      return std::unexpected(std::move(appended).error());
  return std::string(url.buffer());
}

void set_header(HttpHeaders& headers, std::string_view name, std::string value) {
  if (!find_header(headers, name)) headers.emplace_back(std::string(name), std::move(value));
}

bool is_safe_method(std::string_view method) {
  return method == "GET" || method == "HEAD" || method == "OPTIONS" || method == "TRACE";
}

bool same_name(std::string_view left, std::string_view right) {
  return std::ranges::equal(left, right, [](unsigned char a, unsigned char b) {
    return std::tolower(a) == std::tolower(b);
  });
}

// A header name is a token (RFC 9110, 5.6.2).
bool is_token(std::string_view name) {
  return !name.empty() && std::ranges::all_of(name, [](unsigned char c) {
    return std::isalnum(c) ||
           std::string_view("!#$%&'*+-.^_`|~").find(static_cast<char>(c)) != std::string_view::npos;
  });
}

bool has_line_break(std::string_view value) {
  return std::ranges::any_of(value,
                             [](unsigned char c) { return (c < 0x20 && c != '\t') || c == 0x7F; });
}

// The author's headers, and the names of those that are null.
struct GivenHeaders {
  HttpHeaders headers;
  std::vector<std::string> left_out;
};

std::expected<GivenHeaders, WorkflowError> headers_of(const EffectRequest& effect) {
  GivenHeaders given;
  const Json* member = find_member(effect.arguments, "headers");
  if (!member || member->is_null()) return given;
  const JsonObject* names = member->if_object();
  if (!names) return misconfigured("`headers` is not a map of names to values");
  for (const auto& [name, value] : *names) {
    if (!is_token(name))
      return misconfigured(fmt::format("{} is not a header's name", auterity::to_text(Json(name))));
    const JsonArray single{value};
    const JsonArray& values = value.is_array() ? value.get_array() : single;
    for (const Json& item : values) {
      if (item.is_null()) {
        given.left_out.emplace_back(name);
        continue;
      }
      auto text = scalar_text(item);
      if (!text || has_line_break(*text))
        return misconfigured(fmt::format(
            "the header {} is neither one line of text, a number, a boolean nor a list of these",
            std::string_view(name)));
      given.headers.emplace_back(std::string(name), std::move(*text));
    }
  }
  return given;
}

std::expected<void, WorkflowError> set_authorization(HttpHeaders& headers,
                                                     const EffectRequest& effect) {
  if (const Json* authorization = find_member(effect.arguments, "authorization")) {
    std::erase_if(headers,
                  [](const auto& header) { return same_name(header.first, "authorization"); });
    std::string value = fmt::format("{} {}", string_or(find_member(*authorization, "scheme"), ""),
                                    string_or(find_member(*authorization, "parameter"), ""));
    if (has_line_break(value))
      return std::unexpected(
          make_error(StandardError::authentication,
                     "the credentials hold a line break or another control character", ""));
    headers.emplace_back("Authorization", std::move(value));
  } else if (const Json* policy = find_member(effect.arguments, "authentication")) {
    return misconfigured(fmt::format(
        "the authentication scheme {} cannot be used by this build; basic and bearer can",
        string_or(find_member(*policy, "scheme"), "?")));
  }
  return {};
}

void set_usual_headers(HttpRequest& request, const CallHttpTask& call, const EffectRequest& effect,
                       const std::vector<std::string>& left_out) {
  const auto wanted = [&left_out](std::string_view name) {
    return std::ranges::none_of(
        left_out, [name](const std::string& other) { return same_name(name, other); });
  };
  if (call.output != CallHttpTask::Output::raw && wanted("Accept"))
    set_header(request.headers, "Accept", "application/json, */*;q=0.8");
  if (wanted("User-Agent"))
    set_header(request.headers, "User-Agent", fmt::format("auterity/{}", version()));
  if (!is_safe_method(call.method) && wanted("Idempotency-Key"))
    set_header(request.headers, "Idempotency-Key", effect.idempotency_key);
  if (!effect.traceparent.empty() && wanted("traceparent"))
    set_header(request.headers, "traceparent", effect.traceparent);
}

// ---- the response
// ------------------------------------------------------------------------------------------------
bool is_success(const CallHttpTask& call, int status) {
  return status >= 200 && status < (call.redirect ? 400 : 300);
}

// The beginning of a textual answer, which usually says why; binary ones say nothing.
std::string excerpt(std::string_view body) {
  constexpr std::size_t kMost = 300;
  std::string text(body.substr(0, kMost));
  while (!text.empty() && !is_utf8(text) && text.size() + 4 > std::min(kMost, body.size()))
    text.pop_back();
  if (text.empty() || !is_utf8(text)) return {};
  std::ranges::replace_if(text, [](unsigned char c) { return c < 0x20 || c == 0x7F; }, ' ');
  return body.size() > text.size() ? text + "…" : text;
}

JsonObject headers_object(const HttpHeaders& headers, bool mask) {
  JsonObject object;
  for (const auto& [name, value] : headers) {
    const std::string_view shown = mask && is_secret_name(name) ? kMask : std::string_view(value);
    if (Json* known = object.if_contains(name))
      known->get_string().append(", ").append(shown);
    else
      object.emplace(name, shown);
  }
  return object;
}

// Values of query parameters whose names say secret are masked, and so is a user's password.
std::string url_without_secrets(std::string_view text) {
  auto parsed = boost::urls::parse_uri(text);
  if (!parsed) return shown_url(text);
  boost::urls::url url(*parsed);
  if (url.has_password()) url.set_password(kMask);
  std::string query;
  for (const auto parameter : url.encoded_params()) {
    query += (query.empty() ? "" : "&") + std::string(parameter.key);
    if (!parameter.has_value) continue;
    query += '=';
    query += is_secret_name(parameter.key.decode()) ? kMask : std::string_view(parameter.value);
  }
  if (!query.empty()) url.set_encoded_query(query);
  return std::string(url.buffer());
}

WorkflowError unreadable(const HttpRequest& request, const Error& error) {
  WorkflowError problem = make_error(
      StandardError::communication,
      fmt::format("{} {}: {}", request.method, shown_url(request.url), error.message), "");
  problem.status = 502;
  return problem;
}

}  // namespace

std::expected<HttpRequest, WorkflowError> make_http_request(const CallHttpTask& call,
                                                            const EffectRequest& effect) {
  auto url = url_of(call, effect);
  if (!url) return std::unexpected(std::move(url).error());
  auto given = headers_of(effect);
  if (!given) return std::unexpected(std::move(given).error());
  HttpRequest request{
      .method = call.method, .url = std::move(*url), .headers = std::move(given->headers)};
  if (auto authorized = set_authorization(request.headers, effect); !authorized)
    return std::unexpected(std::move(authorized).error());
  const Json* body = find_member(effect.arguments, "body");
  if (body && !body->is_null()) {
    const std::string* type = find_header(request.headers, "content-type");
    auto encoded = encode_body(*body, type ? *type : "");
    if (!encoded) return misconfigured(encoded.error().message + "; " + encoded.error().hint);
    request.body = std::move(encoded->bytes);
    set_header(request.headers, "Content-Type", std::move(encoded->content_type));
  }
  set_usual_headers(request, call, effect, given->left_out);
  request.timeout = effect.task && effect.task->timeout ? kLongestTimeout : kUsualTimeout;
  request.max_redirects = call.redirect ? kMaxRedirects : 0;
  return request;
}

EffectOutcome read_http_response(const CallHttpTask& call, std::string_view method,
                                 const HttpRequest& request, const HttpResponse& response) {
  if (!is_success(call, response.status)) return std::unexpected(http_refusal(request, response));
  if (call.output == CallHttpTask::Output::raw)
    return response.body.empty() ? Json() : Json(to_base64(response.body));
  auto content = decode_content(response);
  if (!content) return std::unexpected(unreadable(request, content.error()));
  if (call.output == CallHttpTask::Output::content) return std::move(*content);
  return JsonObject{{"request", JsonObject{{"method", method},
                                           {"uri", url_without_secrets(request.url)},
                                           {"headers", headers_object(request.headers, true)}}},
                    {"statusCode", response.status},
                    {"headers", headers_object(response.headers, false)},
                    {"content", std::move(*content)}};
}

WorkflowError http_refusal(const HttpRequest& request, const HttpResponse& response) {
  std::string detail =
      fmt::format("{} {} answered {}", request.method, shown_url(request.url), response.status);
  if (const auto reason = reason_phrase(response.status); !reason.empty())
    detail += fmt::format(" {}", reason);
  if (response.status >= 300 && response.status < 400)
    detail += "; set `redirect: true` to follow redirections";
  if (const std::string text = excerpt(response.body); !text.empty()) detail += ": " + text;
  WorkflowError error = make_error(StandardError::communication, std::move(detail), "");
  error.status = response.status;
  return error;
}

WorkflowError http_failure(const HttpRequest& request, const Error& error) {
  const std::string detail =
      fmt::format("{} {}: {}", request.method, shown_url(request.url), error.message);
  switch (error.kind) {
    case ErrorKind::timeout:
      return make_error(StandardError::timeout, detail, "");
    case ErrorKind::forbidden:
      return make_error(StandardError::authorization, detail, "");
    case ErrorKind::invalid_input:
      return make_error(StandardError::configuration, detail, "");
    case ErrorKind::too_large:
      return unreadable(request, error);
    default: {
      WorkflowError unreachable = make_error(StandardError::communication, detail, "");
      unreachable.status = 503;
      return unreachable;
    }
  }
}

std::string shown_url(std::string_view url) {
  std::string shown(url.substr(0, url.find_first_of("?#")));
  const std::size_t authority = shown.find("://");
  if (authority == std::string::npos) return shown;
  const std::size_t end = std::min(shown.find('/', authority + 3), shown.size());
  const std::size_t at = shown.rfind('@', end);
  if (at != std::string::npos && at > authority) shown.erase(authority + 3, at - authority - 2);
  return shown;
}

}  // namespace auterity::engine
