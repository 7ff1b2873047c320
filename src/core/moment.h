#pragma once
// Times as people read them, "2026-11-24T10:30:00Z": to the second, whatever they are kept to.
#include <string>

#include "core/time.h"

namespace auterity {

std::string moment(Time time);

}  // namespace auterity
