#pragma once
// History events as the database keeps them: one JSON array a checkpoint. Purpose: one place that
// knows the format, with its version, so that a release reads what its predecessor and its
// successor wrote. Format 1: an array of {"n": number, "at": microseconds since the epoch, "type",
// "task", "data"}, `task` and `data` left out when empty or null; members that a reader does not
// know are ignored.
#include <string>
#include <string_view>
#include <vector>

#include "core/error.h"
#include "engine/store/execution_store.h"

namespace auterity::engine {

inline constexpr int kHistoryFormat = 1;

std::string history_to_text(const std::vector<HistoryEvent>& events);

// not_ready when `format` is newer than this build reads; internal when the text is damaged.
Result<std::vector<HistoryEvent>> history_from_text(int format, std::string_view text);

}  // namespace auterity::engine
