#include "engine/tasks/http_call.h"

#include "engine/tasks/http_exchange.h"

namespace auterity::engine {
namespace {

class HttpCallPerformer final : public EffectPerformer {
 public:
  explicit HttpCallPerformer(HttpClient& client) : client_(client) {}

  Async<EffectOutcome> perform(EffectRequest effect) override {
    const auto& call = std::get<CallHttpTask>(effect.task->body);
    const auto request = make_http_request(call, effect);
    if (!request) co_return std::unexpected(request.error());
    const auto response = co_await client_.send(*request);
    if (!response) co_return std::unexpected(http_failure(*request, response.error()));
    const Json* written =
        effect.task->source ? find_pointer(*effect.task->source, "/with/method") : nullptr;
    co_return read_http_response(call, string_or(written, call.method), *request, *response);
  }

 private:
  HttpClient& client_;
};

}  // namespace

std::unique_ptr<EffectPerformer> make_http_call_performer(HttpClient& client) {
  return std::make_unique<HttpCallPerformer>(client);
}

}  // namespace auterity::engine
