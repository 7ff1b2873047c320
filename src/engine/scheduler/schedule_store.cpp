#include "engine/scheduler/schedule_store.h"

#include <map>
#include <utility>

#include "core/semantic_version.h"

namespace auterity::engine {

std::vector<ScheduledVersion> active_schedules(std::vector<ScheduledVersion> versions) {
  std::map<std::pair<std::string, std::string>, ScheduledVersion> newest;
  for (ScheduledVersion& version : versions) {
    auto [found, first] = newest.try_emplace({version.name_space, version.name}, version);
    if (!first &&
        parse_semantic_version(version.version) > parse_semantic_version(found->second.version))
      found->second = std::move(version);
  }
  std::vector<ScheduledVersion> active;
  for (auto& [name, version] : newest)
    if (version.scheduled) active.push_back(std::move(version));
  return active;
}

}  // namespace auterity::engine
