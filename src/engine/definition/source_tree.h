#pragma once
// A document's values with the line each stands on. Positions are a tree of the same shape as the
// value (members in declaration order), so that a node costs a few words and its JSON pointer is
// put together only when a problem needs it.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/json.h"

namespace auterity::engine {

struct Position {
  int line = 0;             // 1-based; a member stands where its key does
  std::uint32_t index = 0;  // among the parent's children
  const Position* parent = nullptr;
  std::vector<Position> children;
};

// What a reader returns. Parents are not linked yet, since the tree still moves.
struct ReadDocument {
  Json value;
  Position position;
};

class SourceTree;

// One value of a document and where it stands; cheap to copy, valid as long as its SourceTree.
class Node {
 public:
  Node(const SourceTree& tree, const Json& value, const Position& position)
      : tree_(&tree), value_(&value), position_(&position) {}

  const Json& value() const { return *value_; }
  int line() const { return position_->line; }
  // RFC 6901.
  std::string pointer() const;

  bool is_object() const { return value_->is_object(); }
  bool is_array() const { return value_->is_array(); }
  bool is_string() const { return value_->is_string(); }
  // The text; only when is_string().
  std::string_view text() const { return value_->get_string(); }

  // Members of an object or items of an array; 0 for anything else.
  std::size_t size() const { return position_->children.size(); }
  Node child(std::size_t index) const;
  // The key of an object's member.
  std::string_view key(std::size_t index) const;
  // nullopt when this is no object or lacks the member.
  std::optional<Node> find(std::string_view key) const;
  // The same, when the member is a text.
  std::optional<Node> find_text(std::string_view key) const;
  // What an RFC 6901 pointer below this node refers to; the nearest part above it when it is not
  // there.
  Node descend(std::string_view pointer) const;

 private:
  std::optional<Node> find_item(std::string_view token) const;

  const SourceTree* tree_;
  const Json* value_;
  const Position* position_;
};

// Owns the positions of `value`, which must outlive it and must not change.
class SourceTree {
 public:
  SourceTree(const Json& value, Position position);
  SourceTree(const SourceTree&) = delete;
  SourceTree& operator=(const SourceTree&) = delete;

  Node root() const { return {*this, value_, position_}; }
  const Json& value() const { return value_; }

 private:
  const Json& value_;
  Position position_;
};

}  // namespace auterity::engine
