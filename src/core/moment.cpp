#include "core/moment.h"

#include <chrono>

namespace auterity {

std::string moment(Time time) { return to_rfc3339(std::chrono::floor<std::chrono::seconds>(time)); }

}  // namespace auterity
