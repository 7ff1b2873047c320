#pragma once
// Bounded waiting on the injected clock.
#include "core/async.h"
#include "core/clock.h"
#include "core/error.h"

namespace auterity {

// Runs `work`; when `limit` passes first, cancels it, waits for it to unwind and answers `timeout`
// naming `what`. An outer cancellation reaches `work`. Templates over T live in deadline.cpp by way
// of a type-erased core, to keep this header light.
template <typename T>
Async<Result<T>> with_deadline(Clock& clock, Duration limit, std::string_view what,
                               Async<Result<T>> work);

}  // namespace auterity

#include "core/deadline_impl.h"
