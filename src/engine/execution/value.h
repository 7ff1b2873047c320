#pragma once
// Data of an execution, shared and immutable: tasks hand each other the same value, so that copying
// an execution or passing an output on costs a reference count. A null Value means "not there yet",
// which differs from JSON null.
#include <cstddef>
#include <memory>
#include <utility>

#include "core/json.h"

namespace auterity::engine {

using Value = std::shared_ptr<const Json>;

inline Value make_value(Json json) { return std::make_shared<const Json>(std::move(json)); }

// Bytes that the value's text would take, roughly; stops counting at `limit` and answers `limit`
// then.
std::size_t approximate_size(const Json& value, std::size_t limit);

}  // namespace auterity::engine
