#pragma once
// finally() by its short name in the commands.
#include "core/finally.h"

namespace auterity::cli {

using auterity::finally;

}  // namespace auterity::cli
