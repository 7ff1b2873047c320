// The reading half of execution_json.h.
#include <fmt/format.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "engine/execution/execution_json.h"
#include "engine/execution/secret_mask.h"
#include "engine/execution/state_words.h"

namespace auterity::engine {
namespace {

using namespace state_words;

// Reads one document; the first thing that does not fit stops it.
class Reader {
 public:
  Reader(const Json& document, Execution& execution) : document_(document), execution_(execution) {
    values_.push_back(execution.raw_input);
  }

  // Empty when all is well.
  std::string read() {
    read_values();
    execution_.status =
        parse_execution_status(text(document_, "status")).value_or(ExecutionStatus::running);
    execution_.started_at = from_epoch_microseconds(number(document_, "started_at"));
    execution_.suspended_at = time(document_, "suspended_at");
    execution_.last_activation = static_cast<ActivationId>(number(document_, "last_activation"));
    execution_.last_event = number(document_, "last_event");
    execution_.steps = static_cast<std::uint64_t>(number(document_, "steps"));
    execution_.context = value(document_, "context");
    if (!execution_.context) mistake_ = "it has no context";
    for (const Json& entry : array(document_, "activations")) read_activation(entry);
    for (const Json& id : array(document_, "ready"))
      execution_.ready.push_back(static_cast<ActivationId>(integer(&id)));
    read_trail();
    return mistake_;
  }

 private:
  static std::int64_t integer(const Json* value) {
    if (value == nullptr) return 0;
    if (const auto* number = value->if_int64()) return *number;
    if (const auto* number = value->if_uint64()) return static_cast<std::int64_t>(*number);
    return 0;
  }
  static std::int64_t number(const Json& object, std::string_view name) {
    return integer(find_member(object, name));
  }
  static std::string_view text(const Json& object, std::string_view name) {
    return string_or(find_member(object, name), "");
  }
  static std::optional<Time> time(const Json& object, std::string_view name) {
    if (find_member(object, name) == nullptr) return std::nullopt;
    return from_epoch_microseconds(number(object, name));
  }
  static std::optional<Duration> duration(const Json& object, std::string_view name) {
    if (find_member(object, name) == nullptr) return std::nullopt;
    return Duration(number(object, name));
  }
  static const JsonArray& array(const Json& object, std::string_view name) {
    static const JsonArray none;
    const Json* found = find_member(object, name);
    return found != nullptr && found->is_array() ? found->get_array() : none;
  }

  Value by_number(const Json& reference) {
    const auto at = static_cast<std::size_t>(integer(&reference));
    if (at < values_.size()) return values_[at];
    mistake_ = fmt::format("it refers to value {} of {}", at, values_.size());
    return nullptr;
  }
  Value value(const Json& object, std::string_view name) {
    const Json* reference = find_member(object, name);
    return reference == nullptr ? nullptr : by_number(*reference);
  }

  template <std::size_t N>
  std::size_t choice(const std::array<std::string_view, N>& names, std::string_view name) {
    for (std::size_t i = 0; i < N; ++i)
      if (names[i] == name) return i;
    if (!name.empty()) mistake_ = fmt::format("'{}' is not known here", name);
    return 0;
  }

  void read_values() {
    const bool sealed = !execution_.definition().secrets.empty();
    const SecretMask mask(execution_.surroundings->secrets);
    for (const Json& entry : array(document_, "values"))
      values_.push_back(make_value(sealed ? mask.unseal(entry) : entry));
  }

  const Task* task(std::string_view pointer) {
    const Task* found = find_task(execution_.definition(), pointer);
    if (found == nullptr) mistake_ = fmt::format("the definition has no task '{}'", pointer);
    return found;
  }

  void read_activation(const Json& entry) {
    const auto id = static_cast<ActivationId>(number(entry, "id"));
    Activation& activation = execution_.activations[id];
    activation.id = id;
    activation.parent = static_cast<ActivationId>(number(entry, "parent"));
    if (activation.parent != 0) activation.task = task(text(entry, "task"));
    activation.phase = static_cast<Phase>(choice(kPhases, text(entry, "phase")));
    activation.awaiting = static_cast<Awaiting>(choice(kAwaiting, text(entry, "awaiting")));
    activation.step = static_cast<std::uint16_t>(number(entry, "step"));
    activation.raw_input = value(entry, "raw_input");
    activation.input = value(entry, "input");
    activation.raw_output = value(entry, "raw_output");
    activation.output = value(entry, "output");
    activation.locals = value(entry, "locals");
    activation.items = value(entry, "items");
    activation.error = value(entry, "error");
    activation.started_at = from_epoch_microseconds(number(entry, "started_at"));
    activation.moment = time(entry, "moment").value_or(activation.started_at);
    activation.deadline = time(entry, "deadline");
    activation.due = time(entry, "due");
    activation.first_attempt_at = time(entry, "first_attempt_at");
    activation.delay = duration(entry, "delay");
    activation.jitter_from = duration(entry, "jitter_from");
    activation.total_limit = duration(entry, "total_limit");
    if (find_member(entry, "attempt") != nullptr)
      activation.attempt = static_cast<std::uint32_t>(number(entry, "attempt"));
    activation.position = static_cast<std::uint32_t>(number(entry, "position"));
    activation.index = static_cast<std::uint64_t>(number(entry, "index"));
    const JsonArray& then = array(entry, "then");
    if (then.size() == 2)
      activation.then = FlowDirective{
          static_cast<FlowDirective::Kind>(choice(kDirectives, string_or(&then[0], ""))),
          static_cast<std::size_t>(integer(&then[1]))};
    for (const Json& result : array(entry, "results"))
      activation.results.push_back(result.is_null() ? nullptr : by_number(result));
  }

  void read_trail() {
    const JsonArray& entries = array(document_, "trail");
    for (auto entry = entries.rbegin(); entry != entries.rend(); ++entry) {
      if (!entry->is_array() || entry->get_array().size() != 3) continue;
      const JsonArray& parts = entry->get_array();
      execution_.trail.push_back(
          {task(string_or(&parts[0], "")), by_number(parts[1]), by_number(parts[2])});
    }
  }

  const Json& document_;
  Execution& execution_;
  std::vector<Value> values_;
  std::string mistake_;
};

}  // namespace

Result<Execution> read_state(std::string_view text, SurroundingsPtr surroundings, Value raw_input) {
  JsonLimits limits{.max_bytes = 256u << 20, .max_depth = 512};
  AUTERITY_TRY(document, parse_json(text, limits));
  const Json* format = find_member(document, "format");
  const std::int64_t number = format != nullptr && format->is_int64() ? format->get_int64() : 0;
  if (number > kStateFormat)
    return fail(ErrorKind::not_ready,
                fmt::format("the execution's state has format {}, newer than {} of this release",
                            number, kStateFormat),
                "let a worker of the newer release finish it");
  if (number < kOldestStateFormat)
    return fail(ErrorKind::invalid_input, "the execution's state has no format that is known",
                "restart the execution from the beginning");
  Execution execution = make_execution(std::move(surroundings), std::move(raw_input));
  const std::string mistake = Reader(document, execution).read();
  if (!mistake.empty())
    return fail(ErrorKind::invalid_input,
                "the execution's state does not fit its definition: " + mistake,
                "restart the execution from the beginning");
  return execution;
}

}  // namespace auterity::engine
