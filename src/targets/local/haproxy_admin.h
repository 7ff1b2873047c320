#pragma once
// HAProxy's runtime API on its admin socket: one command, one answer. What is changed here is lost
// with the process, so whatever must survive is in the configuration file first.
#include <filesystem>
#include <string>

#include "core/async.h"
#include "core/clock.h"
#include "core/error.h"

namespace auterity::local {

// unavailable when nobody answers within two seconds.
Async<Result<std::string>> haproxy_command(Clock& clock, std::filesystem::path socket,
                                           std::string command);

}  // namespace auterity::local
