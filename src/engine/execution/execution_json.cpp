#include "engine/execution/execution_json.h"

#include <fmt/format.h>

#include <array>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <unordered_map>

#include "engine/execution/secret_mask.h"
#include "engine/execution/task_behaviour.h"

namespace auterity::engine {
namespace {

constexpr std::array<std::string_view, 9> kPhases = {
    "condition", "input_schema",  "input_from", "timeout",      "body",
    "output_as", "output_schema", "export_as",  "export_schema"};
constexpr std::array<std::string_view, 6> kAwaiting = {"nothing", "evaluation", "validation",
                                                       "effect",  "timer",      "children"};
constexpr std::array<std::string_view, 4> kDirectives = {"continue", "exit", "end", "go_to"};

// Whether the activation's effect arguments have to be worked out again after a reload.
bool begins_again(const Activation& activation) {
  return activation.phase == Phase::body && behaviour_of(activation).has_effect();
}

class Writer {
 public:
  explicit Writer(const Execution& execution) : execution_(execution) {
    numbers_[execution.raw_input.get()] = 0;
  }

  JsonObject write() {
    JsonObject state{{"format", kStateFormat},
                     {"status", to_text(execution_.status)},
                     {"started_at", to_epoch_microseconds(execution_.started_at)},
                     {"context", reference(execution_.context)},
                     {"last_activation", execution_.last_activation},
                     {"last_event", execution_.last_event},
                     {"steps", execution_.steps}};
    put_time(state, "suspended_at", execution_.suspended_at);
    JsonArray activations;
    JsonArray ready(execution_.ready.begin(), execution_.ready.end());
    for (const auto& [id, activation] : execution_.activations) {
      activations.push_back(write(activation));
      if (begins_again(activation) && activation.awaiting != Awaiting::nothing) ready.push_back(id);
    }
    if (!activations.empty()) state["activations"] = std::move(activations);
    if (!ready.empty()) state["ready"] = std::move(ready);
    JsonArray trail = write_trail();
    if (!trail.empty()) state["trail"] = std::move(trail);
    state["values"] = std::move(values_);
    return state;
  }

 private:
  std::int64_t reference(const Value& value) {
    const auto [entry, fresh] = numbers_.try_emplace(value.get(), values_.size() + 1);
    if (fresh) values_.push_back(*value);
    return static_cast<std::int64_t>(entry->second);
  }

  void put(JsonObject& object, std::string_view name, const Value& value) {
    if (value) object[name] = reference(value);
  }

  static void put_time(JsonObject& object, std::string_view name, const std::optional<Time>& time) {
    if (time) object[name] = to_epoch_microseconds(*time);
  }

  static void put_duration(JsonObject& object, std::string_view name,
                           const std::optional<Duration>& duration) {
    if (duration) object[name] = duration->count();
  }

  JsonObject write(const Activation& activation) {
    const bool again = begins_again(activation);
    JsonObject object{{"id", activation.id},
                      {"phase", kPhases[static_cast<std::size_t>(activation.phase)]},
                      {"started_at", to_epoch_microseconds(activation.started_at)},
                      {"moment", to_epoch_microseconds(activation.moment)}};
    if (activation.parent != 0) object["parent"] = activation.parent;
    if (activation.task != nullptr) object["task"] = activation.task->pointer;
    if (!again && activation.awaiting != Awaiting::nothing)
      object["awaiting"] = kAwaiting[static_cast<std::size_t>(activation.awaiting)];
    if (!again && activation.step != 0) object["step"] = activation.step;
    put(object, "raw_input", activation.raw_input);
    put(object, "input", activation.input);
    put(object, "raw_output", activation.raw_output);
    put(object, "output", activation.output);
    put(object, "locals", activation.locals);
    put(object, "items", activation.items);
    put(object, "error", activation.error);
    put_time(object, "deadline", activation.deadline);
    put_time(object, "due", activation.due);
    put_time(object, "first_attempt_at", activation.first_attempt_at);
    put_duration(object, "delay", activation.delay);
    put_duration(object, "jitter_from", activation.jitter_from);
    put_duration(object, "total_limit", activation.total_limit);
    if (activation.attempt != 1) object["attempt"] = activation.attempt;
    if (activation.position != 0) object["position"] = activation.position;
    if (activation.index != 0) object["index"] = activation.index;
    if (activation.then) object["then"] = write(*activation.then);
    if (!activation.results.empty()) object["results"] = write_results(activation);
    return object;
  }

  static JsonArray write(const FlowDirective& directive) {
    return {kDirectives[static_cast<std::size_t>(directive.kind)], directive.target};
  }

  // By branch; null for one that still runs.
  JsonArray write_results(const Activation& activation) {
    JsonArray results;
    for (const Value& result : activation.results)
      results.push_back(result ? Json(reference(result)) : Json(nullptr));
    return results;
  }

  // The newest entries, as far as they fit: a trail must not outgrow what the execution itself
  // holds.
  JsonArray write_trail() {
    std::size_t room = execution_.surroundings->limits.max_trail_bytes;
    JsonArray entries;
    for (auto entry = execution_.trail.rbegin(); entry != execution_.trail.rend(); ++entry) {
      const std::size_t size =
          extra_size(entry->raw_input, room) + extra_size(entry->context, room);
      if (size >= room) break;
      room -= size;
      entries.push_back(
          JsonArray{entry->task->pointer, reference(entry->raw_input), reference(entry->context)});
    }
    return entries;
  }

  std::size_t extra_size(const Value& value, std::size_t limit) const {
    return numbers_.contains(value.get()) ? 0 : approximate_size(*value, limit);
  }

  const Execution& execution_;
  std::unordered_map<const Json*, std::size_t> numbers_;
  JsonArray values_;
};

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
    activation.moment = from_epoch_microseconds(number(entry, "moment"));
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

std::string write_state(const Execution& execution) {
  JsonObject state = Writer(execution).write();
  if (!execution.definition().secrets.empty()) {
    Json& values = state["values"];
    values = SecretMask(execution.surroundings->secrets).seal(values);
  }
  return auterity::to_text(Json(std::move(state)));
}

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
