#include "engine/expression/jq_program.h"

#include <fmt/format.h>

extern "C" {
#include <jq.h>
}

#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <map>
#include <optional>

#include "engine/expression/evaluator_process.h"
#include "engine/expression/protocol.h"

namespace auterity::engine {
namespace {

using protocol::Reader;
using protocol::Status;
using protocol::Tag;
using protocol::Writer;

// Kept small, so that an expression that libjq can neither compile nor blame costs few others a
// separate program.
constexpr std::size_t expressions_a_program = 256;
constexpr std::size_t max_reason_bytes = 500;

struct StateDeleter {
  void operator()(jq_state* state) const { jq_teardown(&state); }
};
using State = std::unique_ptr<jq_state, StateDeleter>;

// Takes ownership of nothing: the caller frees the result. Depth is bounded by what the engine
// sends.
jv read_value(Reader& reader) {
  switch (static_cast<Tag>(reader.byte())) {
    case Tag::no:
      return jv_false();
    case Tag::yes:
      return jv_true();
    case Tag::integer:
      return jv_number(static_cast<double>(reader.i64()));
    case Tag::number:
      return jv_number(reader.f64());
    case Tag::text: {
      std::string_view text = reader.text();
      return jv_string_sized(text.data(), static_cast<int>(text.size()));
    }
    case Tag::array: {
      std::uint32_t count = reader.count(1);
      jv array = jv_array_sized(static_cast<int>(count));
      for (std::uint32_t i = 0; i < count && reader.ok(); ++i)
        array = jv_array_append(array, read_value(reader));
      return array;
    }
    case Tag::object: {
      std::uint32_t count = reader.count(5);
      jv object = jv_object();
      for (std::uint32_t i = 0; i < count && reader.ok(); ++i) {
        std::string_view key = reader.text();
        jv name = jv_string_sized(key.data(), static_cast<int>(key.size()));
        object = jv_object_set(object, name, read_value(reader));
      }
      return object;
    }
    case Tag::null:
      break;
  }
  return jv_null();
}

// Numbers as jq prints them: no such thing as NaN, nothing beyond the largest double, whole ones
// without a fraction.
void write_number(Writer& writer, double number) {
  constexpr double exact_below = 9007199254740992.0;
  if (std::isnan(number)) {
    writer.tag(Tag::null);
  } else if (std::abs(number) < exact_below && std::trunc(number) == number) {
    writer.tag(Tag::integer);
    writer.i64(static_cast<std::int64_t>(number));
  } else {
    writer.tag(Tag::number);
    writer.f64(std::isinf(number) ? std::copysign(std::numeric_limits<double>::max(), number)
                                  : number);
  }
}

void write_text(Writer& writer, jv text) {
  writer.text(
      {jv_string_value(text), static_cast<std::size_t>(jv_string_length_bytes(jv_copy(text)))});
}

// Consumes `value`. false when it is deeper than `depth` or the answer would pass `max_bytes`.
bool write_value(Writer& writer, jv value, std::uint32_t depth, std::size_t max_bytes) {
  bool fits = true;
  jv_kind kind = jv_get_kind(value);
  if (kind == JV_KIND_FALSE || kind == JV_KIND_TRUE) {
    writer.tag(kind == JV_KIND_TRUE ? Tag::yes : Tag::no);
  } else if (kind == JV_KIND_NUMBER) {
    write_number(writer, jv_number_value(value));
  } else if (kind == JV_KIND_STRING) {
    writer.tag(Tag::text);
    write_text(writer, value);
  } else if (kind == JV_KIND_ARRAY || kind == JV_KIND_OBJECT) {
    bool is_array = kind == JV_KIND_ARRAY;
    int count = is_array ? jv_array_length(jv_copy(value)) : jv_object_length(jv_copy(value));
    fits = depth > 0;
    writer.tag(is_array ? Tag::array : Tag::object);
    writer.u32(static_cast<std::uint32_t>(count));
    for (int i = 0; is_array && fits && i < count; ++i) {
      fits = write_value(writer, jv_array_get(jv_copy(value), i), depth - 1, max_bytes);
    }
    for (int i = is_array ? 0 : jv_object_iter(value);
         !is_array && fits && jv_object_iter_valid(value, i); i = jv_object_iter_next(value, i)) {
      jv key = jv_object_iter_key(value, i);
      write_text(writer, key);
      jv_free(key);
      fits = write_value(writer, jv_object_iter_value(value, i), depth - 1, max_bytes);
    }
  } else {
    writer.tag(Tag::null);
  }
  jv_free(value);
  return fits && writer.size() <= max_bytes;
}

std::string shortened(std::string_view text) {
  if (text.size() <= max_reason_bytes) return std::string(text);
  std::size_t end = max_reason_bytes;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return std::string(text.substr(0, end)) + "…";
}

// Consumes `message`.
std::string reason_of(jv message) {
  jv text = jv_get_kind(message) == JV_KIND_STRING ? message : jv_dump_string(message, 0);
  std::string reason = shortened(
      {jv_string_value(text), static_cast<std::size_t>(jv_string_length_bytes(jv_copy(text)))});
  jv_free(text);
  return reason;
}

// The words that the grammar keeps for itself cannot be names of variables.
bool can_be_bound(std::string_view name) {
  static constexpr std::array<std::string_view, 18> keywords = {
      "as",  "import", "include", "module", "def",     "if",  "then",  "else",  "elif",
      "and", "or",     "end",     "reduce", "foreach", "try", "catch", "label", "__loc__"};
  return !name.starts_with("__") && !name.contains(':') &&
         std::ranges::find(keywords, name) == keywords.end();
}

struct Lines {
  int first = 0, last = 0;  // of the text, and of the bracket that closes it
};

class ProgramText {
 public:
  ProgramText(const std::vector<std::string>& names, const std::vector<std::string>& texts,
              std::span<const std::uint32_t> slots)
      : texts_(texts), slots_(slots) {
    text_ = ". as [$__data, $__slot, $__now";
    for (const std::string& name : names) text_ += ", $" + name;
    text_ +=
        "] | {} as $ENV | def env: {}; def now: $__now; def debug: .; def stderr: .; "
        "def input: error(\"input is not available in a workflow\"); def inputs: input; "
        "def input_filename: null; def input_line_number: 0; def get_search_list: []; "
        "def halt: error(\"halt is not available in a workflow\"); def halt_error: halt; "
        "def halt_error(code): halt; "
        "def modulemeta: error(\"modules are not available in a workflow\"); $__data | ";
    select(0, slots.size());
  }

  const std::string& text() const { return text_; }
  const std::vector<Lines>& lines() const { return lines_; }  // by position in `slots`

 private:
  void select(std::size_t first, std::size_t last) {
    if (last - first > 1) {
      std::size_t middle = first + (last - first) / 2;
      text_ += fmt::format("if $__slot < {} then ", middle);
      select(first, middle);
      text_ += " else ";
      select(middle, last);
      text_ += " end";
      return;
    }
    const std::string& expression = texts_[slots_[first]];
    // The line break ends a comment that the text may end with.
    text_ += fmt::format("def __expression: (\n{}\n); __expression", expression);
    int height = static_cast<int>(std::ranges::count(expression, '\n')) + 1;
    lines_.push_back({line_ + 1, line_ + 1 + height});
    line_ += 1 + height;
  }

  const std::vector<std::string>& texts_;
  std::span<const std::uint32_t> slots_;
  std::string text_;
  std::vector<Lines> lines_;
  int line_ = 1;
};

struct Complaint {
  std::string why;
  int line = 0;  // 0 when libjq names none
};

// "jq: error: WHY (Unix shell quoting issues?) at <top-level>, line N:\n…"
Complaint parse_complaint(std::string_view message) {
  constexpr std::string_view prefix = "jq: error: ", place = " at <top-level>, line ";
  if (message.starts_with(prefix)) message.remove_prefix(prefix.size());
  Complaint complaint;
  if (std::size_t at = message.find(place); at != std::string_view::npos) {
    std::string_view number = message.substr(at + place.size());
    std::from_chars(number.data(), number.data() + number.size(), complaint.line);
    message = message.substr(0, at);
  }
  complaint.why = message;
  for (auto [noise, instead] :
       {std::pair<std::string_view, std::string_view>{" (Unix shell quoting issues?)", ""},
        {"INVALID_CHARACTER", "character"}}) {
    if (std::size_t at = complaint.why.find(noise); at != std::string::npos) {
      complaint.why.replace(at, noise.size(), instead);
    }
  }
  return complaint;
}

void collect_complaint(void* complaints, jv message) {
  jv text = jq_format_error(message);
  static_cast<std::vector<Complaint>*>(complaints)
      ->push_back(parse_complaint(jv_string_value(text)));
  jv_free(text);
}

std::string describe(const Complaint& complaint, const Lines& lines) {
  if (complaint.line >= lines.last && complaint.why.starts_with("syntax error")) {
    return "syntax error, unexpected end of the expression";
  }
  if (lines.last - lines.first == 1) return shortened(complaint.why);
  return fmt::format("{} (line {} of the expression)", shortened(complaint.why),
                     complaint.line - lines.first + 1);
}

// Which expressions the complaints are about: positions and reasons. A syntax error may draw others
// after it, so that only the first one counts; every other complaint stands for itself.
std::map<std::size_t, std::string> blame(std::vector<Complaint> complaints,
                                         const std::vector<Lines>& lines) {
  std::erase_if(complaints, [](const Complaint& c) { return c.line == 0; });
  auto is_syntax = [](const Complaint& c) { return c.why.starts_with("syntax"); };
  if (std::ranges::any_of(complaints, is_syntax)) {
    complaints = {*std::ranges::min_element(complaints, {}, &Complaint::line)};
  }
  std::map<std::size_t, std::string> blamed;
  for (const Complaint& complaint : complaints) {
    auto at = std::ranges::lower_bound(lines, complaint.line, {}, &Lines::last);
    if (at == lines.end() || complaint.line < at->first) continue;
    blamed.emplace(static_cast<std::size_t>(at - lines.begin()), describe(complaint, *at));
  }
  return blamed;
}

void end_for_lack_of_memory(void*) { ::_exit(static_cast<int>(EvaluatorExit::out_of_memory)); }

}  // namespace

struct JqProgram::Implementation {
  struct Place {
    jq_state* program = nullptr;  // nullptr: not jq
    std::uint32_t position = 0;
    std::string why;
  };

  std::vector<std::string> names, bound_names, texts;
  std::vector<std::optional<std::size_t>> bound_position;  // by name
  std::vector<State> programs;
  std::vector<Place> places;  // by slot

  void compile(std::vector<std::uint32_t> slots);
  void refuse(std::uint32_t slot, std::string why) { places[slot].why = std::move(why); }
  std::optional<jv> read_input(Reader& request, double now);
  void evaluate_slot(std::uint32_t slot, jv input, Writer& answer, const Limits& limits);
};

// Leaves out what libjq blames and tries again; where it blames nothing, halves tell which half
// holds the culprit.
void JqProgram::Implementation::compile(std::vector<std::uint32_t> slots) {
  while (!slots.empty()) {
    ProgramText program(bound_names, texts, slots);
    std::vector<Complaint> complaints;
    State state(jq_init());
    jq_set_nomem_handler(state.get(), end_for_lack_of_memory, nullptr);
    jq_set_error_cb(state.get(), collect_complaint, &complaints);
    if (jq_compile(state.get(), program.text().c_str())) {
      jq_set_error_cb(state.get(), [](void*, jv message) { jv_free(message); }, nullptr);
      for (std::uint32_t i = 0; i < slots.size(); ++i) places[slots[i]] = {state.get(), i, {}};
      programs.push_back(std::move(state));
      return;
    }
    auto blamed = blame(complaints, program.lines());
    if (blamed.empty() && slots.size() == 1) {
      return refuse(slots[0], complaints.empty() ? "it is not jq" : shortened(complaints[0].why));
    }
    if (blamed.empty()) {
      auto middle = slots.begin() + static_cast<std::ptrdiff_t>(slots.size() / 2);
      compile({slots.begin(), middle});
      return compile({middle, slots.end()});
    }
    std::vector<std::uint32_t> rest;
    for (std::size_t i = 0; i < slots.size(); ++i) {
      auto culprit = blamed.find(i);
      if (culprit == blamed.end()) {
        rest.push_back(slots[i]);
      } else {
        refuse(slots[i], culprit->second);
      }
    }
    slots = std::move(rest);
  }
}

JqProgram::JqProgram(std::vector<std::string> names, std::vector<std::string> texts)
    : implementation_(std::make_unique<Implementation>()) {
  auto& self = *implementation_;
  self.names = std::move(names);
  self.texts = std::move(texts);
  self.places.resize(self.texts.size());
  for (const std::string& name : self.names) {
    bool bound = can_be_bound(name);
    self.bound_position.push_back(bound ? std::optional(self.bound_names.size()) : std::nullopt);
    if (bound) self.bound_names.push_back(name);
  }
  for (std::size_t first = 0; first < self.texts.size(); first += expressions_a_program) {
    std::vector<std::uint32_t> slots;
    for (std::size_t i = first; i < std::min(first + expressions_a_program, self.texts.size());
         ++i) {
      slots.push_back(static_cast<std::uint32_t>(i));
    }
    self.compile(std::move(slots));
  }
}

JqProgram::~JqProgram() = default;

std::vector<protocol::NotJq> JqProgram::problems() const {
  std::vector<protocol::NotJq> problems;
  const auto& places = implementation_->places;
  for (std::uint32_t slot = 0; slot < places.size(); ++slot) {
    if (places[slot].program == nullptr) problems.push_back({slot, places[slot].why});
  }
  return problems;
}

// [data, slot, now, arguments…]; the slot is set for each expression.
std::optional<jv> JqProgram::Implementation::read_input(Reader& request, double now) {
  constexpr int first_argument = 3;
  jv input = jv_array_sized(first_argument + static_cast<int>(bound_names.size()));
  input = jv_array_set(input, 2, jv_number(now));
  for (std::uint32_t left = request.count(5); left > 0 && request.ok(); --left) {
    std::uint32_t name = request.u32();
    jv value = read_value(request);
    if (name < bound_position.size() && bound_position[name]) {
      input = jv_array_set(input, first_argument + static_cast<int>(*bound_position[name]), value);
    } else {
      jv_free(value);
    }
  }
  input = jv_array_set(input, 0, read_value(request));
  if (request.ok() && request.at_end()) return input;
  jv_free(input);
  return std::nullopt;
}

// Consumes `input`.
void JqProgram::Implementation::evaluate_slot(std::uint32_t slot, jv input, Writer& answer,
                                              const Limits& limits) {
  auto write = [&](Status status, std::string_view why) {
    answer.byte(static_cast<std::uint8_t>(status));
    answer.text(why);
  };
  const Place& place = places[slot];
  if (place.program == nullptr) {
    jv_free(input);
    return write(Status::failed, place.why);
  }
  jq_start(place.program, jv_array_set(input, 1, jv_number(place.position)), 0);
  jv result = jq_next(place.program);
  if (!jv_is_valid(result) && jv_invalid_has_msg(jv_copy(result))) {
    write(Status::failed, reason_of(jv_invalid_get_msg(result)));
  } else {
    std::size_t before = answer.size();
    answer.byte(static_cast<std::uint8_t>(Status::value));
    if (!write_value(answer, result, limits.max_depth, limits.max_result_bytes)) {
      answer.truncate(before);
      write(Status::too_large,
            fmt::format("its result is larger than {} bytes or nested deeper than {} levels",
                        limits.max_result_bytes, limits.max_depth));
    }
  }
  // Drops what the program still holds, so that whatever that costs is this request's and not the
  // next one's.
  jq_start(place.program, jv_null(), 0);
}

bool JqProgram::evaluate(Reader& request, Writer& answer, const Limits& limits) {
  double now = request.f64();
  std::vector<std::uint32_t> slots(request.count(4));
  for (std::uint32_t& slot : slots) {
    slot = request.u32();
    if (slot >= implementation_->places.size()) return false;
  }
  auto input = implementation_->read_input(request, now);
  if (!input) return false;
  answer.u32(static_cast<std::uint32_t>(slots.size()));
  for (std::uint32_t slot : slots)
    implementation_->evaluate_slot(slot, jv_copy(*input), answer, limits);
  jv_free(*input);
  return true;
}

}  // namespace auterity::engine
