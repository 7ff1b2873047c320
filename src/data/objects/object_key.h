#pragma once
// Which texts are keys of objects; the rule stands in object_store.h.
#include <string_view>

#include "core/error.h"

namespace auterity::data {

Status check_object_key(std::string_view key);
// The beginning of a key: empty, part of a segment, or a folder with its slash.
Status check_object_prefix(std::string_view prefix);

}  // namespace auterity::data
