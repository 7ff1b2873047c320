#include "api/event_stream/execution_feed.h"

#include <fmt/format.h>

#include <boost/asio/experimental/channel.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/json/object.hpp>
#include <iterator>
#include <unordered_set>

#include "api/execution_document.h"
#include "core/deadline.h"

namespace auterity::api {
namespace asio = boost::asio;
namespace {

constexpr Duration kPoll = std::chrono::seconds(1);
constexpr Duration kHeartbeat = std::chrono::seconds(15);
constexpr std::size_t kBatch = 100;
constexpr std::string_view kFarewell =
    "retry: 1000\n: another process goes on from here; reconnect\n\n";

std::string to_event_text(const engine::HistoryEvent& event) {
  return fmt::format("id: {}\nevent: {}\ndata: {}\n\n", event.number, event.type,
                     auterity::to_text(Json(describe(event))));
}

}  // namespace

struct ExecutionFeed::State {
  Executor executor;
  Clock& clock;
  engine::ExecutionStore& executions;
  std::unordered_multimap<Uuid, Stream*> streams;
  bool draining = false;

  void wake(const Uuid& execution);
};

class ExecutionFeed::Stream final : public BodySource {
 public:
  Stream(std::shared_ptr<State> state, Uuid execution, std::int64_t after)
      : state_(std::move(state)),
        execution_(execution),
        last_(after),
        sent_at_(state_->clock.monotonic()),
        wake_(state_->executor, 1) {
    state_->streams.emplace(execution_, this);
  }
  ~Stream() override {
    const auto [begin, end] = state_->streams.equal_range(execution_);
    for (auto entry = begin; entry != end; ++entry)
      if (entry->second == this) {
        state_->streams.erase(entry);
        break;
      }
  }

  void leave() {
    leaving_ = true;
    wake();
  }
  // One wake-up that nobody waits for yet is kept.
  void wake() { wake_.try_send(boost::system::error_code()); }

  Async<Result<std::string>> read() override {
    while (!ended_) {
      if (state_->draining || leaving_) {
        ended_ = true;
        co_return std::string(kFarewell);
      }
      AUTERITY_CO_TRY(text, co_await next_events());
      const Duration now = state_->clock.monotonic();
      if (text.empty() && !ended_ && now - sent_at_ >= kHeartbeat) text = ": still here\n\n";
      if (!text.empty()) {
        sent_at_ = now;
        co_return text;
      }
      if (!ended_) co_await wait();
    }
    co_return std::string();
  }

 private:
  Async<Result<std::string>> next_events() {
    // Asked before the history is read: an execution that had ended by then has no later events.
    AUTERITY_CO_TRY(view, co_await state_->executions.find(execution_));
    AUTERITY_CO_TRY(events, co_await state_->executions.history(execution_, last_, kBatch));
    std::string text;
    for (const engine::HistoryEvent& event : events) text += to_event_text(event);
    if (!events.empty()) last_ = events.back().number;
    if (engine::is_terminal(view.status) && events.size() < kBatch) {
      text +=
          fmt::format("event: end\ndata: {{\"status\":\"{}\"}}\n\n", engine::to_text(view.status));
      ended_ = true;
    }
    co_return text;
  }

  Async<Result<bool>> woken() {
    boost::system::error_code error;
    co_await wake_.async_receive(asio::redirect_error(asio::use_awaitable, error));
    co_return !error;
  }

  Async<void> wait() {
    // Late is as good as woken: either way the store is asked.
    const auto ignored = co_await with_deadline<bool>(state_->clock, kPoll, "an event", woken());
  }

  std::shared_ptr<State> state_;
  Uuid execution_;
  std::int64_t last_;
  Duration sent_at_;
  bool ended_ = false;
  bool leaving_ = false;
  asio::experimental::channel<void(boost::system::error_code)> wake_;
};

void ExecutionFeed::State::wake(const Uuid& execution) {
  const auto [begin, end] = streams.equal_range(execution);
  for (auto entry = begin; entry != end; ++entry) entry->second->wake();
}

ExecutionFeed::ExecutionFeed(Executor executor, Clock& clock, engine::ExecutionStore& executions,
                             engine::WakeBus& bus)
    : state_(std::make_shared<State>(std::move(executor), clock, executions)) {
  bus.on_changed([weak = std::weak_ptr(state_)](Uuid execution) {
    if (const auto state = weak.lock()) state->wake(execution);
  });
}

ExecutionFeed::~ExecutionFeed() = default;

Async<Result<std::unique_ptr<BodySource>>> ExecutionFeed::open(Uuid execution, std::int64_t after) {
  if (state_->streams.size() >= kMostStreams)
    co_return fail(ErrorKind::rate_limited, "too many event streams are open",
                   "close some, or read the history as a list");
  AUTERITY_CO_TRY(view, co_await state_->executions.find(execution));
  if (after > 0 && engine::is_terminal(view.status)) {
    AUTERITY_CO_TRY(rest, co_await state_->executions.history(execution, after, 1));
    if (rest.empty()) co_return std::unique_ptr<BodySource>();
  }
  co_return std::make_unique<Stream>(state_, execution, after);
}

void ExecutionFeed::end_streams() {
  for (const auto& [execution, stream] : state_->streams) stream->leave();
}

void ExecutionFeed::begin_drain() {
  state_->draining = true;
  end_streams();
}

std::size_t ExecutionFeed::streams() const { return state_->streams.size(); }

}  // namespace auterity::api
