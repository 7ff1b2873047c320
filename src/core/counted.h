#pragma once
// Amounts as people read them: "1 worker", "2 workers", "61.2 MiB".
#include <cstdint>
#include <string>
#include <string_view>

namespace auterity {

// `what` is a noun, or ends in one, whose plural takes an s.
std::string counted(std::uint64_t count, std::string_view what);
std::string size_text(std::uint64_t bytes);

}  // namespace auterity
