#pragma once
// Parsed definitions by workflow id, bounded in number and in the size of their sources; the least
// recently used go first. Pure.
#include <cstddef>
#include <list>
#include <unordered_map>

#include "core/time.h"
#include "core/uuid.h"
#include "engine/definition/definition.h"

namespace auterity::engine {

class DefinitionCache {
 public:
  struct Entry {
    DefinitionPtr definition;
    bool removed = false;   // hidden from new starts
    Duration checked_at{};  // monotonic: when `removed` was read
  };

  DefinitionCache(std::size_t max_entries, std::size_t max_bytes)
      : max_entries_(max_entries), max_bytes_(max_bytes) {}

  // nullptr when absent; valid until the next put().
  Entry* find(const Uuid& id);
  // `bytes`: of the definition's source. One that is larger than all the room is not kept.
  void put(const Uuid& id, Entry entry, std::size_t bytes);
  void erase(const Uuid& id);
  std::size_t size() const { return by_id_.size(); }

 private:
  struct Slot {
    Uuid id;
    Entry entry;
    std::size_t bytes = 0;
  };

  std::size_t max_entries_, max_bytes_;
  std::size_t bytes_ = 0;
  std::list<Slot> by_use_;  // most recent first
  std::unordered_map<Uuid, std::list<Slot>::iterator> by_id_;
};

}  // namespace auterity::engine
