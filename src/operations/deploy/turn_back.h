#pragma once
// The wish that a deploy under way turns back, left by `auterity rollback` for the process that
// holds the lock, which looks for it while it watches the new version.
#include <optional>
#include <string>

#include "core/files.h"
#include "core/json.h"
#include "targets/local/layout.h"

namespace auterity::operations {

struct TurnBackWish {
  std::string who;
  std::string why;  // may be empty
};

Status ask_to_turn_back(Files& files, const local::Layout& layout, const TurnBackWish& wish);
std::optional<TurnBackWish> find_turn_back(Files& files, const local::Layout& layout);
// A deploy that begins or has ended has none.
Status forget_turn_back(Files& files, const local::Layout& layout);

}  // namespace auterity::operations
