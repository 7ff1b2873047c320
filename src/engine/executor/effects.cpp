#include "engine/executor/effects.h"

#include "engine/executor/engine.h"

namespace auterity::engine {

std::string_view to_text(EffectKind kind) {
  switch (kind) {
    case EffectKind::call_http:
      return "call_http";
    case EffectKind::emit:
      return "emit";
    case EffectKind::fetch_resource:
      return "fetch_resource";
  }
  return "";
}

namespace {

class EmitPerformer final : public EffectPerformer {
 public:
  explicit EmitPerformer(EventSink& sink) : sink_(sink) {}

  Async<EffectOutcome> perform(EffectRequest request) override {
    const Status delivered = co_await sink_.deliver(request.arguments);
    if (!delivered)
      co_return std::unexpected(
          make_error(StandardError::communication, delivered.error().message, {}));
    co_return std::move(request.arguments);
  }

 private:
  EventSink& sink_;
};

}  // namespace

std::unique_ptr<EffectPerformer> make_emit_performer(EventSink& sink) {
  return std::make_unique<EmitPerformer>(sink);
}

EffectRouter::EffectRouter(std::map<EffectKind, std::unique_ptr<EffectPerformer>> performers)
    : performers_(std::move(performers)) {}

Async<EffectOutcome> EffectRouter::perform(EffectRequest request) {
  const auto performer = performers_.find(request.kind);
  if (performer == performers_.end())
    co_return std::unexpected(make_error(
        StandardError::configuration,
        "nothing in this process performs effects of kind " + std::string(to_text(request.kind)),
        {}));
  co_return co_await performer->second->perform(std::move(request));
}

}  // namespace auterity::engine
