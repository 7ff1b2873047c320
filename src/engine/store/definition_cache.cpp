#include "engine/store/definition_cache.h"

#include <utility>

namespace auterity::engine {

DefinitionCache::Entry* DefinitionCache::find(const Uuid& id) {
  auto found = by_id_.find(id);
  if (found == by_id_.end()) return nullptr;
  by_use_.splice(by_use_.begin(), by_use_, found->second);
  return &found->second->entry;
}

void DefinitionCache::put(const Uuid& id, Entry entry, std::size_t bytes) {
  erase(id);
  if (bytes > max_bytes_) return;
  by_use_.push_front({id, std::move(entry), bytes});
  by_id_.emplace(id, by_use_.begin());
  bytes_ += bytes;
  while (by_use_.size() > max_entries_ || bytes_ > max_bytes_) erase(Uuid(by_use_.back().id));
}

void DefinitionCache::erase(const Uuid& id) {
  auto found = by_id_.find(id);
  if (found == by_id_.end()) return;
  bytes_ -= found->second->bytes;
  by_use_.erase(found->second);
  by_id_.erase(found);
}

}  // namespace auterity::engine
