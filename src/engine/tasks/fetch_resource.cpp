#include "engine/tasks/fetch_resource.h"

#include <fmt/format.h>

#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

#include "engine/definition/parser.h"
#include "engine/tasks/http_exchange.h"

namespace auterity::engine {
namespace {

constexpr std::size_t kMaxResourceBytes = 4u << 20;
constexpr int kMaxRedirects = 5;

std::unexpected<WorkflowError> misconfigured(std::string detail) {
  return std::unexpected(make_error(StandardError::configuration, std::move(detail), ""));
}

EffectOutcome parse_resource(std::string_view text, std::string_view shown) {
  auto document = parse_document(text, {.max_bytes = kMaxResourceBytes});
  if (document) return std::move(*document);
  const Problem& first = document.error().front();
  return misconfigured(fmt::format("the resource {} is no JSON or YAML document: line {}: {}",
                                   shown, first.line, first.message));
}

class FetchResourcePerformer final : public EffectPerformer {
 public:
  FetchResourcePerformer(HttpClient& client, std::optional<LocalResources> local)
      : client_(client), local_(std::move(local)) {}

  Async<EffectOutcome> perform(EffectRequest effect) override {
    const std::string uri(string_or(find_member(effect.arguments, "uri"), ""));
    const auto parsed = boost::urls::parse_uri_reference(uri);
    if (!parsed)
      co_return misconfigured(
          fmt::format("the resource {} is not a URI reference", shown_url(uri)));
    switch (parsed->scheme_id()) {
      case boost::urls::scheme::http:
      case boost::urls::scheme::https:
        co_return co_await fetch(uri);
      case boost::urls::scheme::none:
      case boost::urls::scheme::file:
        co_return read(parsed->path(), uri);
      default:
        co_return misconfigured(
            fmt::format("the resource {} has a scheme other than http, https and file", uri));
    }
  }

 private:
  Async<EffectOutcome> fetch(std::string uri) {
    const HttpRequest request{
        .url = std::move(uri),
        .headers = {{"Accept", "application/json, application/yaml, */*;q=0.8"}},
        .body = {},
        .max_redirects = kMaxRedirects,
        .max_response_bytes = kMaxResourceBytes};
    const auto response = co_await client_.send(request);
    if (!response) co_return std::unexpected(http_failure(request, response.error()));
    if (response->status < 200 || response->status > 299)
      co_return std::unexpected(http_refusal(request, *response));
    co_return parse_resource(response->body, shown_url(request.url));
  }

  EffectOutcome read(const std::string& path, const std::string& shown) const {
    if (!local_)
      return misconfigured(fmt::format(
          "the resource {} is a file; here, only http and https resources can be fetched", shown));
    const auto text = local_->files.read(local_->folder / path, kMaxResourceBytes);
    if (!text)
      return misconfigured(fmt::format("the resource {}: {}", shown, text.error().message));
    return parse_resource(*text, shown);
  }

  HttpClient& client_;
  std::optional<LocalResources> local_;
};

}  // namespace

std::unique_ptr<EffectPerformer> make_fetch_resource_performer(
    HttpClient& client, std::optional<LocalResources> local) {
  return std::make_unique<FetchResourcePerformer>(client, std::move(local));
}

}  // namespace auterity::engine
