#include "engine/store/redis_wake_bus.h"

#include <algorithm>
#include <utility>

namespace auterity::engine {
namespace {

// A message is the origin, then for `changed` the ids, separated by spaces.
constexpr std::string_view kReady = "auterity:ready";
constexpr std::string_view kChanged = "auterity:changed";
// Executions of one message; what changes faster than it can be told is found by polling.
constexpr std::size_t kMaxChanged = 1000;
// Between two messages of changed executions.
constexpr Duration kGathering = std::chrono::milliseconds(10);

std::string_view next_word(std::string_view& text) {
  const std::size_t space = text.find(' ');
  const std::string_view word = text.substr(0, space);
  text.remove_prefix(space == std::string_view::npos ? text.size() : space + 1);
  return word;
}

std::string new_origin(Random& random) {
  std::string digits;
  for (std::uint64_t bits = random.next(); digits.size() < 16; bits >>= 4)
    digits += "0123456789abcdef"[bits & 15];
  return digits;
}

}  // namespace

RedisWakeBus::RedisWakeBus(Executor executor, data::Redis& redis, Clock& clock, Log& log,
                           Random& random)
    : redis_(redis),
      clock_(clock),
      origin_(new_origin(random)),
      sends_(executor, "wake-ups", [&log](std::string_view task, const std::exception_ptr&) {
        log.error("store", "a wake-up ended by an exception", {{"task", Json(task)}});
      }) {}

RedisWakeBus::~RedisWakeBus() = default;

void RedisWakeBus::on_ready(std::function<void()> handler) {
  ready_handlers_.push_back(std::move(handler));
}
void RedisWakeBus::on_changed(std::function<void(Uuid)> handler) {
  changed_handlers_.push_back(std::move(handler));
}

void RedisWakeBus::call_ready() {
  for (const auto& handler : ready_handlers_) handler();
}
void RedisWakeBus::call_changed(const Uuid& execution) {
  for (const auto& handler : changed_handlers_) handler(execution);
}

void RedisWakeBus::notify_ready() {
  call_ready();
  ready_waits_ = true;
  if (!sending_ready_) sending_ready_ = sends_.spawn("ready", send_ready());
}

void RedisWakeBus::notify_changed(Uuid execution) {
  call_changed(execution);
  if (changed_waiting_.size() < kMaxChanged) changed_waiting_.push_back(execution);
  if (!sending_changed_) sending_changed_ = sends_.spawn("changed", send_changed());
}

// A failure is not repeated: the next wake-up tells the same, and until then there is polling.
Async<void> RedisWakeBus::send_ready() {
  while (std::exchange(ready_waits_, false)) co_await redis_.publish(std::string(kReady), origin_);
  sending_ready_ = false;
}

Async<void> RedisWakeBus::send_changed() {
  while (!changed_waiting_.empty()) {
    std::vector<Uuid> changed = std::exchange(changed_waiting_, {});
    std::ranges::sort(changed);
    const auto repeated = std::ranges::unique(changed);
    changed.erase(repeated.begin(), repeated.end());
    std::string message = origin_;
    for (const Uuid& id : changed) message += ' ' + to_text(id);
    co_await redis_.publish(std::string(kChanged), std::move(message));
    co_await clock_.sleep(kGathering);
  }
  sending_changed_ = false;
}

Async<void> RedisWakeBus::idle() { return sends_.join(); }

Async<void> RedisWakeBus::run() {
  co_await redis_.subscribe(
      {std::string(kReady), std::string(kChanged)},
      [this](std::string_view channel, std::string_view message) { take(channel, message); },
      [this] { call_ready(); });
}

void RedisWakeBus::take(std::string_view channel, std::string_view message) {
  if (next_word(message) == origin_) return;
  if (channel == kReady) call_ready();
  if (channel != kChanged) return;
  while (!message.empty())
    if (auto id = parse_uuid(next_word(message))) call_changed(*id);
}

}  // namespace auterity::engine
