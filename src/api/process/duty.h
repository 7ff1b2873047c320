#pragma once
// Work that a process repeats: every duty has a run_once() that tests call; this is the loop around
// it.
#include <functional>
#include <string>

#include "core/async.h"
#include "core/clock.h"
#include "core/error.h"
#include "core/log.h"

namespace auterity::api {

struct Duty {
  std::string name;
  Duration interval;  // between the end of one run and the begin of the next
  std::function<Async<Status>()> run_once;
};

// At once and then again and again, until cancelled; a failure is logged and tried again after a
// while.
Async<void> repeat(Clock& clock, Log& log, Duty duty);

}  // namespace auterity::api
