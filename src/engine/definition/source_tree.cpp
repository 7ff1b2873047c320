#include "engine/definition/source_tree.h"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <charconv>
#include <ranges>

namespace auterity::engine {
namespace {

void link(Position& position) {
  for (std::uint32_t i = 0; i < position.children.size(); ++i) {
    Position& child = position.children[i];
    child.parent = &position;
    child.index = i;
    link(child);
  }
}

const Json& child_of(const Json& value, std::size_t index) {
  if (const auto* object = value.if_object()) return (object->begin() + index)->value();
  return value.get_array()[index];
}

// "~1" to "/", "~0" to "~" (RFC 6901).
std::string unescaped(std::string_view token) {
  std::string text;
  for (std::size_t i = 0; i < token.size(); ++i) {
    const bool escape = token[i] == '~' && i + 1 < token.size();
    text += !escape ? token[i] : token[i + 1] == '1' ? '/' : '~';
    if (escape) ++i;
  }
  return text;
}

}  // namespace

SourceTree::SourceTree(const Json& value, Position position)
    : value_(value), position_(std::move(position)) {
  link(position_);
}

Node Node::child(std::size_t index) const {
  return {*tree_, child_of(*value_, index), position_->children[index]};
}

std::string_view Node::key(std::size_t index) const {
  return (value_->get_object().begin() + index)->key();
}

std::optional<Node> Node::find(std::string_view key) const {
  const auto* object = value_->if_object();
  if (object == nullptr) return std::nullopt;
  const auto found = object->find(key);
  if (found == object->end()) return std::nullopt;
  return child(static_cast<std::size_t>(found - object->begin()));
}

std::optional<Node> Node::find_text(std::string_view key) const {
  auto member = find(key);
  if (member && !member->is_string()) member.reset();
  return member;
}

Node Node::descend(std::string_view pointer) const {
  Node node = *this;
  while (pointer.starts_with('/')) {
    pointer.remove_prefix(1);
    const std::size_t end = std::min(pointer.find('/'), pointer.size());
    const std::string_view token = pointer.substr(0, end);
    pointer.remove_prefix(end);
    const std::optional<Node> next =
        node.is_array() ? node.find_item(token) : node.find(unescaped(token));
    if (!next) return node;
    node = *next;
  }
  return node;
}

std::optional<Node> Node::find_item(std::string_view token) const {
  std::size_t index = 0;
  const auto [end, error] = std::from_chars(token.data(), token.data() + token.size(), index);
  if (error != std::errc{} || end != token.data() + token.size() || index >= size())
    return std::nullopt;
  return child(index);
}

std::string Node::pointer() const {
  std::vector<std::uint32_t> path;
  for (const Position* at = position_; at->parent != nullptr; at = at->parent)
    path.push_back(at->index);
  std::string pointer;
  const Json* value = &tree_->value();
  for (const std::uint32_t index : path | std::views::reverse) {
    pointer += '/';
    if (const auto* object = value->if_object())
      pointer += escape_pointer_token((object->begin() + index)->key());
    else
      pointer += std::to_string(index);
    value = &child_of(*value, index);
  }
  return pointer;
}

}  // namespace auterity::engine
