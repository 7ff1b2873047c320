#include "engine/execution/value.h"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

namespace auterity::engine {
namespace {

// Adds to `size` until it reaches `limit`.
void add_size(const Json& value, std::size_t limit, std::size_t& size) {
  constexpr std::size_t kScalar = 8;
  if (size >= limit) return;
  if (const auto* text = value.if_string()) {
    size += text->size() + 2;
  } else if (const auto* array = value.if_array()) {
    size += 2;
    for (const Json& element : *array) {
      if (size >= limit) return;
      add_size(element, limit, size);
    }
  } else if (const auto* object = value.if_object()) {
    size += 2;
    for (const auto& [key, member] : *object) {
      if (size >= limit) return;
      size += key.size() + 4;
      add_size(member, limit, size);
    }
  } else {
    size += kScalar;
  }
}

}  // namespace

std::size_t approximate_size(const Json& value, std::size_t limit) {
  std::size_t size = 0;
  add_size(value, limit, size);
  return size < limit ? size : limit;
}

}  // namespace auterity::engine
