#include "effect_recorder.h"

#include "core/json.h"

namespace auterity::end_to_end {
namespace {

constexpr std::chrono::milliseconds kSleepersDelay{1000};

}  // namespace

EffectRecorder::EffectRecorder(std::chrono::milliseconds delay)
    : delay_(delay),
      server_([this](const harness::StandInRequest& request) { return answer(request); }) {}

harness::StandInAnswer EffectRecorder::answer(const harness::StandInRequest& request) {
  const auto key = request.headers.find("idempotency-key");
  const auto body = parse_json(request.body);
  const Json* number = body ? find_member(*body, "number") : nullptr;
  const bool readable = key != request.headers.end() && number != nullptr && number->is_int64();
  const std::lock_guard lock(mutex_);
  if (!readable) {
    ++record_.unreadable;
    return {.status = 400};
  }
  ++record_.by_number[number->get_int64()][key->second];
  const Json* sleeps = find_member(*body, "sleeps");
  return {.headers = {{"content-type", "application/json"}},
          .body = request.body,
          .delay = sleeps != nullptr && sleeps->is_bool() && sleeps->get_bool() ? kSleepersDelay
                                                                                : delay_};
}

EffectRecorder::Record EffectRecorder::record() const {
  const std::lock_guard lock(mutex_);
  return record_;
}

int EffectRecorder::Record::effects() const {
  int count = 0;
  for (const auto& [number, calls] : by_number) count += static_cast<int>(calls.size());
  return count;
}

int EffectRecorder::Record::repeats() const {
  int count = 0;
  for (const auto& [number, calls] : by_number)
    for (const auto& [key, times] : calls) count += times - 1;
  return count;
}

}  // namespace auterity::end_to_end
