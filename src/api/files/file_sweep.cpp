#include "api/files/file_sweep.h"

namespace auterity::api {
namespace {

constexpr Duration kInterval = std::chrono::minutes(10);
constexpr std::size_t kBatch = 100;

}  // namespace

Async<Result<std::size_t>> FileSweep::run_once() {
  AUTERITY_CO_TRY(removed, co_await files_.removed(kBatch));
  std::size_t done = 0;
  for (const StoredFile& file : removed) {
    AUTERITY_CO_CHECK(co_await objects_.remove(file.object_key));
    AUTERITY_CO_CHECK(co_await files_.forget(file.id));
    ++done;
  }
  co_return done;
}

Async<void> FileSweep::run() {
  while (true) {
    co_await clock_.sleep(kInterval);
    const auto done = co_await run_once();
    if (!done)
      log_.warning("files", "removed files could not be swept",
                   {{"reason", Json(done.error().message)}});
  }
}

}  // namespace auterity::api
