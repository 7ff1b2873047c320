#pragma once
// The wish that a deploy under way turns back, left by `auterity rollback` for the process that
// holds the lock, which looks for it before each step and while it watches the new version. It is
// meant for one deploy: the next one does not hear it.
#include <optional>
#include <string>
#include <string_view>

#include "core/files.h"
#include "core/json.h"
#include "targets/local/layout.h"

namespace auterity::operations {

struct TurnBackWish {
  std::string who;
  std::string why;     // may be empty
  std::string deploy;  // name of its evidence, which no other deploy has
};

Status ask_to_turn_back(Files& files, const local::Layout& layout, const TurnBackWish& wish);
// The one that is meant for `deploy`.
std::optional<TurnBackWish> find_turn_back(Files& files, const local::Layout& layout,
                                           std::string_view deploy);
// "root asked to turn back: it is slow".
std::string to_text(const TurnBackWish& wish);
Status forget_turn_back(Files& files, const local::Layout& layout);

}  // namespace auterity::operations
