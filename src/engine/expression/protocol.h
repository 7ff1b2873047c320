#pragma once
// What the engine and its evaluator processes say to each other over one socket: frames of a length
// (32 bits) and a body, numbers little-endian, one answer to each request. An evaluator is not
// trusted: whatever it sends is read with bounds on size and depth, and a frame that breaks them
// ends it.
//
//   load      'L' u32 max_result_bytes, u32 max_depth, list of names, list of texts → ready
//   evaluate  'E' f64 now (seconds), list of u32 slots, list of (u32 name, value), value data →
//   results ready     'R' list of (u32 slot, text why): the texts that are not jq results   'V' u8
//   retire, list of (u8 Status, then a value or a text that says why not), one a slot
//
// A list is a u32 count and its elements; a text a u32 count of bytes and the bytes; a value a tag
// byte (Tag) and its content.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.h"
#include "core/json.h"

namespace auterity::engine::protocol {

enum class Tag : std::uint8_t { null, no, yes, integer, number, text, array, object };

enum class Status : std::uint8_t { failed, value, too_large };

inline constexpr char load = 'L', evaluate = 'E', ready = 'R', results = 'V';
inline constexpr std::size_t header_bytes = 4;

class Writer {
 public:
  void byte(std::uint8_t value) { body_.push_back(static_cast<char>(value)); }
  void u32(std::uint32_t value);
  void i64(std::int64_t value);
  void f64(double value);
  void text(std::string_view value);
  void tag(Tag value) { byte(static_cast<std::uint8_t>(value)); }
  // false when it is nested deeper than `max_depth`; what was written is then of no use.
  [[nodiscard]] bool value(const Json& value, std::size_t max_depth);

  std::size_t size() const { return body_.size(); }
  // Overwrites a u32 written at `offset`.
  void patch_u32(std::size_t offset, std::uint32_t value);
  // Drops what was written after `size`.
  void truncate(std::size_t size) { body_.resize(size); }
  // The body with its length in front.
  std::string frame() &&;

 private:
  std::string body_ = std::string(header_bytes, '\0');
};

// Reads what a Writer wrote; every method answers nothing once the bytes run out or make no sense,
// and ok() turns false for good.
class Reader {
 public:
  explicit Reader(std::string_view body) : rest_(body) {}
  std::uint8_t byte();
  std::uint32_t u32();
  std::int64_t i64();
  double f64();
  std::string_view text();
  Json value(std::size_t max_depth);

  bool ok() const { return ok_; }
  bool at_end() const { return rest_.empty(); }
  // For lists: elements that cannot all be there, at `least_bytes` each, are refused before
  // anything is reserved for them.
  std::uint32_t count(std::size_t least_bytes);

 private:
  std::string_view take(std::size_t bytes);
  Json array(std::size_t max_depth);
  Json object(std::size_t max_depth);

  std::string_view rest_;
  bool ok_ = true;
};

// The length of the body that follows these header_bytes bytes.
std::uint32_t body_length(std::string_view header);

struct Outcome {
  Status status = Status::failed;
  Json value;
  std::string why;
};
struct Results {
  bool retire = false;  // the evaluator asks to be replaced: it has run long or grown
  std::vector<Outcome> outcomes;
};
struct NotJq {
  std::uint32_t slot = 0;
  std::string why;
};

// nullopt when the body is not what it claims to be.
std::optional<std::vector<NotJq>> read_ready(std::string_view body);
std::optional<Results> read_results(std::string_view body, std::size_t expected,
                                    std::size_t max_depth);

}  // namespace auterity::engine::protocol
