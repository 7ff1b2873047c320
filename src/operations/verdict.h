#pragma once
// What one look at the platform or its schema says: `check` and `migrate validate` speak the same
// words.
#include <string_view>

namespace auterity::operations {

// skipped: it could not be looked at, which never passes for a pass.
enum class Verdict { pass, warn, fail, skipped };
std::string_view name_of(Verdict verdict);

}  // namespace auterity::operations
