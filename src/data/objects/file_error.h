#pragma once
// errno of a file call as an Error of the object store.
#include <string_view>

#include "core/error.h"

namespace auterity::data {

// storage_full when the disk, the quota or the limit of a file's size is reached.
std::unexpected<Error> file_error(int number, std::string_view doing);

}  // namespace auterity::data
