#pragma once
// A database for the time of one piece of work. It is closed however the work ends, an exception
// and a cancellation included: one that goes open ends the process.
#include <memory>
#include <type_traits>
#include <utility>

#include "core/finally.h"
#include "data/database.h"

namespace auterity::data {

// `work` takes a Database& and answers an Async<Result<T>>; it is kept until that has ended, so
// that it may be a coroutine that captures.
template <typename Work>
auto with_database(std::unique_ptr<Database> database, Work work)
    -> std::invoke_result_t<Work&, Database&> {
  co_return co_await finally(work(*database), database->close());
}

}  // namespace auterity::data
