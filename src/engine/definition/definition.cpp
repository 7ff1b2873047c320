#include "engine/definition/definition.h"

namespace auterity::engine {

const Task* find_task(const Definition& definition, std::string_view pointer) {
  const auto found = definition.by_pointer.find(pointer);
  return found == definition.by_pointer.end() ? nullptr : found->second;
}

}  // namespace auterity::engine
