// The writing half of execution_json.h.
#include <algorithm>
#include <boost/json/object.hpp>
#include <charconv>
#include <concepts>
#include <unordered_map>

#include "engine/execution/execution_json.h"
#include "engine/execution/secret_mask.h"
#include "engine/execution/state_words.h"

namespace auterity::engine {
namespace {

using namespace state_words;

// Whether the activation's effect arguments have to be worked out again after a reload.
bool begins_again(const Activation& activation) {
  return activation.phase == Phase::body && behaviour_of(activation).has_effect();
}

// Writes the text directly: a state is written at every checkpoint, and a tree of JSON values would
// cost several times as much.
class Writer {
 public:
  Writer(const Execution& execution, ValueTexts& texts)
      : execution_(execution),
        texts_(texts),
        seals_(!execution.definition().secrets.empty()),
        mask_(seals_ ? execution.surroundings->secrets : JsonObject{}) {
    texts_.begin_round();
    numbers_[execution.raw_input.get()] = 0;
  }

  std::string write() {
    text_ += '{';
    put("format", kStateFormat);
    put("status", to_text(execution_.status));
    put("started_at", execution_.started_at);
    put("suspended_at", execution_.suspended_at);
    put("context", execution_.context);
    put("last_activation", execution_.last_activation);
    put("last_event", execution_.last_event);
    put("steps", execution_.steps);
    write_activations();
    write_ready();
    write_trail();
    begin_member("values");
    text_ += '[';
    text_ += values_;
    text_ += "]}";
    return std::move(text_);
  }

 private:
  void begin_member(std::string_view name) {
    if (text_.back() != '{') text_ += ',';
    text_ += '"';
    text_ += name;
    text_ += "\":";
  }
  void begin_element() {
    if (text_.back() != '[') text_ += ',';
  }

  template <std::integral Number>
  void append(Number number) {
    char digits[24];
    text_.append(digits, std::to_chars(digits, std::end(digits), number).ptr);
  }
  void append(std::string_view text) { append_text(text_, text); }

  template <std::integral Number>
  void put(std::string_view name, Number number) {
    begin_member(name);
    append(number);
  }
  void put(std::string_view name, std::string_view text) {
    begin_member(name);
    append(text);
  }
  void put(std::string_view name, const Value& value) {
    if (value) put(name, reference(value));
  }
  void put(std::string_view name, Time time) { put(name, to_epoch_microseconds(time)); }
  void put(std::string_view name, const std::optional<Time>& time) {
    if (time) put(name, to_epoch_microseconds(*time));
  }
  void put(std::string_view name, const std::optional<Duration>& duration) {
    if (duration) put(name, duration->count());
  }
  // Zero and one are what a reader assumes of counters that are absent.
  template <std::integral Number>
  void put_unless(Number usual, std::string_view name, Number number) {
    if (number != usual) put(name, number);
  }

  std::size_t reference(const Value& value) {
    const auto [entry, fresh] = numbers_.try_emplace(value.get(), numbers_.size());
    if (fresh) write_value(value);
    return entry->second;
  }

  void write_value(const Value& value) {
    if (!values_.empty()) values_ += ',';
    if (seals_)
      append_text(values_, mask_.seal(*value));
    else if (const auto* known = texts_.find(value))
      values_ += known->text;
    else
      append_text(values_, *value);
  }

  void write_activations() {
    if (execution_.activations.empty()) return;
    begin_member("activations");
    text_ += '[';
    for (const auto& [id, activation] : execution_.activations) {
      begin_element();
      text_ += '{';
      write(activation);
      text_ += '}';
    }
    text_ += ']';
  }

  void write(const Activation& activation) {
    const bool again = begins_again(activation);
    put("id", activation.id);
    put_unless<ActivationId>(0, "parent", activation.parent);
    if (activation.task != nullptr) put("task", std::string_view(activation.task->pointer));
    put("phase", kPhases[static_cast<std::size_t>(activation.phase)]);
    if (!again && activation.awaiting != Awaiting::nothing)
      put("awaiting", kAwaiting[static_cast<std::size_t>(activation.awaiting)]);
    if (!again) put_unless<std::uint16_t>(0, "step", activation.step);
    put("started_at", activation.started_at);
    if (activation.moment != activation.started_at) put("moment", activation.moment);
    put("raw_input", activation.raw_input);
    put("input", activation.input);
    put("raw_output", activation.raw_output);
    put("output", activation.output);
    put("locals", activation.locals);
    put("items", activation.items);
    put("error", activation.error);
    put("deadline", activation.deadline);
    put("due", activation.due);
    put("first_attempt_at", activation.first_attempt_at);
    put("delay", activation.delay);
    put("jitter_from", activation.jitter_from);
    put("total_limit", activation.total_limit);
    put_unless<std::uint32_t>(1, "attempt", activation.attempt);
    put_unless<std::uint32_t>(0, "position", activation.position);
    put_unless<std::uint64_t>(0, "index", activation.index);
    if (activation.then) write(*activation.then);
    if (!activation.results.empty()) write_results(activation.results);
  }

  void write(const FlowDirective& directive) {
    begin_member("then");
    text_ += '[';
    append(kDirectives[static_cast<std::size_t>(directive.kind)]);
    text_ += ',';
    append(directive.target);
    text_ += ']';
  }

  // By branch; null for one that still runs.
  void write_results(const std::vector<Value>& results) {
    begin_member("results");
    text_ += '[';
    for (const Value& result : results) {
      begin_element();
      if (result)
        append(reference(result));
      else
        text_ += "null";
    }
    text_ += ']';
  }

  void write_ready() {
    std::vector<ActivationId> ready(execution_.ready.begin(), execution_.ready.end());
    for (const auto& [id, activation] : execution_.activations)
      if (begins_again(activation) && activation.awaiting != Awaiting::nothing) ready.push_back(id);
    if (ready.empty()) return;
    begin_member("ready");
    text_ += '[';
    for (const ActivationId id : ready) {
      begin_element();
      append(id);
    }
    text_ += ']';
  }

  // The newest entries, as far as they fit: a trail must not outgrow what the execution itself
  // holds.
  void write_trail() {
    if (execution_.trail.empty()) return;
    std::size_t room = execution_.surroundings->limits.max_trail_bytes;
    begin_member("trail");
    text_ += '[';
    for (auto entry = execution_.trail.rbegin(); entry != execution_.trail.rend(); ++entry) {
      const std::size_t size =
          extra_size(entry->raw_input, room) + extra_size(entry->context, room);
      if (size >= room) break;
      room -= size;
      begin_element();
      text_ += '[';
      append(std::string_view(entry->task->pointer));
      text_ += ',';
      append(reference(entry->raw_input));
      text_ += ',';
      append(reference(entry->context));
      text_ += ']';
    }
    text_ += ']';
  }

  std::size_t extra_size(const Value& value, std::size_t limit) {
    if (numbers_.contains(value.get())) return 0;
    const auto* known = texts_.find(value);
    return known ? std::min(known->approximate_size, limit) : approximate_size(*value, limit);
  }

  const Execution& execution_;
  ValueTexts& texts_;
  bool seals_;
  SecretMask mask_;
  std::string text_;
  std::unordered_map<const Json*, std::size_t> numbers_;  // of values, in the order of their texts
  std::string values_;
};

}  // namespace

std::string write_state(const Execution& execution) {
  ValueTexts texts;
  return write_state(execution, texts);
}

std::string write_state(const Execution& execution, ValueTexts& texts) {
  return Writer(execution, texts).write();
}

}  // namespace auterity::engine
