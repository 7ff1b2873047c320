#pragma once
// Puts a document together from a reader's events, YAML's and JSON's alike. Purpose: one place for
// what both must refuse: duplicate keys, too deep, too many nodes, too much text once aliases are
// expanded. A call that returns false means: stop reading, the reason is in the problem list.
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/string.hpp>

#include "core/json.h"
#include "engine/definition/parser.h"
#include "engine/definition/problem_list.h"
#include "engine/definition/source_tree.h"

namespace auterity::engine {

class TreeBuilder {
 public:
  TreeBuilder(const ParserLimits& limits, ProblemList& problems);

  // The next scalar is a key.
  bool expects_key() const;
  bool key(std::string_view text, int line);
  bool scalar(Json value, std::size_t text_bytes, int line);
  bool begin_object(int line) { return begin(JsonObject(), line); }
  bool begin_array(int line) { return begin(JsonArray(), line); }
  void end();

  // A copy of the value completed last, for an anchor; nullopt (with a problem) when copies would
  // pass the limits.
  std::optional<ReadDocument> copy_last(int line);
  bool insert_copy(const ReadDocument& copy, int line);

  // Where the next value would be, for problems of the reader itself.
  std::string pointer() const;
  // The whole document once every begin has had its end; nullopt when there was none.
  std::optional<ReadDocument> take();

 private:
  struct Frame {
    Json container;
    Position position;
    std::string pending_key;
    int key_line = 0;
    std::size_t pointer_bytes = 0;  // of all keys above
    bool has_key = false;
    bool duplicate = false;  // the value of a refused key is read and dropped
  };

  bool begin(Json container, int line);
  bool has_room_for_depth(std::size_t levels, int line);
  bool has_room_for_keys(std::size_t bytes, int line);
  bool count(std::size_t nodes, std::size_t bytes, int line);
  void attach(Json value, Position position);

  const ParserLimits& limits_;
  ProblemList& problems_;
  std::vector<Frame> frames_;
  std::optional<ReadDocument> root_;
  const Json* last_value_ = nullptr;
  const Position* last_position_ = nullptr;
  std::size_t nodes_ = 0, bytes_ = 0, copied_nodes_ = 0;
};

}  // namespace auterity::engine
