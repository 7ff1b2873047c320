#pragma once
// What a load consists of: of every hundred requests most read, some start executions, a few move
// files. Pure: the number of a request decides its kind and when it is due, so that two loads are
// alike and no answer's lateness delays the next request.
#include <cstdint>
#include <string>
#include <string_view>

#include "core/time.h"

namespace auterity::operations {

enum class LoadKind {
  list,           // the list of workflows
  read,           // an execution that was acknowledged before
  start_waiting,  // an execution, answered when it has ended
  start_async,    // an execution, answered at once
  start_sleeper,  // the same, of one that sleeps for seconds
  start_again,    // an earlier start with its key: must be the same execution
  upload,
  download,  // a file that was acknowledged before
};

// What a start asks for.
enum class StartKind {
  quick,
  sleeper,   // waits for seconds in one piece
  followed,  // waits often, for a stream of events that ends soon
  lasting,   // the same for the better part of a minute, unless it is cancelled
};

LoadKind kind_of(std::uint64_t request);
// After the load's beginning.
Duration due_at(std::uint64_t request, int requests_per_second);
// So many connections that each is used often enough to stay open, and requests that take a while
// do not hold up those that are due.
int connections_for(int requests_per_second);

// Of streams that are followed at any moment.
int streams_for(int requests_per_second);

// The one workflow of the load, with `version` filled in; it answers {"seen": number}.
std::string load_workflow(std::string_view version);
// The body of a start.
std::string start_body(std::uint64_t number, StartKind kind);
// Content of an upload, another one for each number.
std::string upload_content(std::string_view run, std::uint64_t number);

}  // namespace auterity::operations
