#include "engine/definition/tree_builder.h"

#include <fmt/format.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

namespace auterity::engine {
namespace {

// Aliases may repeat text; this many times the size of the largest document is more than any honest
// one needs.
constexpr std::size_t kTextExpansion = 4;

struct Amount {
  std::size_t nodes = 0, bytes = 0, depth = 0, pointer_bytes = 0;
};

Amount amount_of(const Json& value) {
  Amount amount{1, 0, value.is_structured() ? 1u : 0u, 0};
  const auto add = [&](const Json& child, std::size_t key_bytes) {
    const Amount more = amount_of(child);
    amount.pointer_bytes = std::max(amount.pointer_bytes, more.pointer_bytes + key_bytes);
    amount.nodes += more.nodes;
    amount.bytes += more.bytes;
    amount.depth = std::max(amount.depth, more.depth + 1);
  };
  if (const auto* object = value.if_object()) {
    for (const auto& member : *object) {
      amount.bytes += member.key().size();
      add(member.value(), member.key().size());
    }
  } else if (const auto* array = value.if_array()) {
    for (const Json& item : *array) add(item, 0);
  } else if (const auto* string = value.if_string()) {
    amount.bytes = string->size();
  }
  return amount;
}

}  // namespace

TreeBuilder::TreeBuilder(const ParserLimits& limits, ProblemList& problems)
    : limits_(limits), problems_(problems) {}

bool TreeBuilder::expects_key() const {
  return !frames_.empty() && frames_.back().container.is_object() && !frames_.back().has_key;
}

bool TreeBuilder::key(std::string_view text, int line) {
  if (!count(0, text.size(), line)) return false;
  Frame& frame = frames_.back();
  if (!has_room_for_keys(frame.pointer_bytes + text.size(), line)) return false;
  frame.pending_key = text;
  frame.key_line = line;
  frame.has_key = true;
  const auto& object = frame.container.get_object();
  const auto earlier = object.find(text);
  frame.duplicate = earlier != object.end();
  if (frame.duplicate) {
    const auto index = static_cast<std::size_t>(earlier - object.begin());
    problems_.add(line, pointer(),
                  fmt::format("the key {} is there twice (first on line {}); keep one of them",
                              quoted(text), frame.position.children[index].line));
  }
  return true;
}

bool TreeBuilder::scalar(Json value, std::size_t text_bytes, int line) {
  if (!count(1, text_bytes, line)) return false;
  attach(std::move(value), Position{line, 0, nullptr, {}});
  return true;
}

bool TreeBuilder::begin(Json container, int line) {
  if (!count(1, 0, line)) return false;
  if (!has_room_for_depth(1, line)) return false;
  Frame frame;
  frame.container = std::move(container);
  frame.position.line = line;
  if (!frames_.empty())
    frame.pointer_bytes = frames_.back().pointer_bytes + frames_.back().pending_key.size();
  frames_.push_back(std::move(frame));
  return true;
}

bool TreeBuilder::has_room_for_depth(std::size_t levels, int line) {
  if (frames_.size() + levels <= limits_.max_depth) return true;
  problems_.add(
      line, pointer(),
      fmt::format("nested deeper than {} levels; flatten the document", limits_.max_depth));
  return false;
}

bool TreeBuilder::has_room_for_keys(std::size_t bytes, int line) {
  if (bytes <= limits_.max_pointer_bytes) return true;
  problems_.add(line, pointer(),
                fmt::format("the keys down to here have more than {} bytes; use shorter names",
                            limits_.max_pointer_bytes));
  return false;
}

void TreeBuilder::end() {
  Frame frame = std::move(frames_.back());
  frames_.pop_back();
  attach(std::move(frame.container), std::move(frame.position));
}

void TreeBuilder::attach(Json value, Position position) {
  if (frames_.empty()) {
    root_ = ReadDocument{std::move(value), std::move(position)};
    last_value_ = &root_->value;
    last_position_ = &root_->position;
    return;
  }
  Frame& parent = frames_.back();
  auto& positions = parent.position.children;
  if (auto* array = parent.container.if_array()) {
    array->push_back(std::move(value));
    last_value_ = &array->back();
  } else {
    parent.has_key = false;
    const std::string key = std::exchange(parent.pending_key, {});
    // A dropped value needs no anchor either: the document is refused anyway.
    if (parent.duplicate) {
      last_value_ = nullptr;
      return;
    }
    position.line = parent.key_line;
    auto& object = parent.container.get_object();
    last_value_ = &object.emplace(key, std::move(value)).first->value();
  }
  positions.push_back(std::move(position));
  last_position_ = &positions.back();
}

bool TreeBuilder::count(std::size_t nodes, std::size_t bytes, int line) {
  nodes_ += nodes;
  bytes_ += bytes;
  if (nodes_ > limits_.max_nodes) {
    problems_.add(line, pointer(),
                  fmt::format("more than {} values (aliases count each time they are used); make "
                              "the document smaller",
                              limits_.max_nodes));
    return false;
  }
  if (bytes_ > limits_.max_bytes * kTextExpansion) {
    problems_.add(line, pointer(),
                  fmt::format("more than {} bytes of text once aliases are expanded; use fewer "
                              "aliases of long values",
                              limits_.max_bytes * kTextExpansion));
    return false;
  }
  return true;
}

std::optional<ReadDocument> TreeBuilder::copy_last(int line) {
  if (last_value_ == nullptr) return ReadDocument{};
  const std::size_t nodes = amount_of(*last_value_).nodes;
  copied_nodes_ += nodes;
  if (copied_nodes_ > limits_.max_nodes) {
    problems_.add(
        line, pointer(),
        fmt::format("anchors on more than {} values; anchor smaller parts", limits_.max_nodes));
    return std::nullopt;
  }
  return ReadDocument{*last_value_, *last_position_};
}

bool TreeBuilder::insert_copy(const ReadDocument& copy, int line) {
  const Amount amount = amount_of(copy.value);
  if (!count(amount.nodes, amount.bytes, line)) return false;
  if (!has_room_for_depth(amount.depth, line)) return false;
  const std::size_t above =
      frames_.empty() ? 0 : frames_.back().pointer_bytes + frames_.back().pending_key.size();
  if (!has_room_for_keys(above + amount.pointer_bytes, line)) return false;
  Position position = copy.position;
  position.line = line;
  attach(copy.value, std::move(position));
  return true;
}

std::string TreeBuilder::pointer() const {
  std::string pointer;
  for (const Frame& frame : frames_) {
    if (const auto* array = frame.container.if_array())
      pointer += '/' + std::to_string(array->size());
    else if (frame.has_key)
      pointer += '/' + escape_pointer_token(frame.pending_key);
  }
  return pointer;
}

std::optional<ReadDocument> TreeBuilder::take() {
  last_value_ = nullptr;
  return std::exchange(root_, std::nullopt);
}

}  // namespace auterity::engine
