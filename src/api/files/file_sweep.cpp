#include "api/files/file_sweep.h"

namespace auterity::api {
namespace {

constexpr std::size_t kBatch = 100;

}  // namespace

Async<Result<std::size_t>> FileSweep::run_once() {
  AUTERITY_CO_TRY(removed, co_await files_.removed(kBatch));
  // Asked after the rows were read: all of them were marked before.
  AUTERITY_CO_TRY(held, co_await files_.bytes_are_held());
  if (held) co_return 0;
  std::size_t done = 0;
  for (const StoredFile& file : removed) {
    AUTERITY_CO_CHECK(co_await objects_.remove(file.object_key));
    AUTERITY_CO_CHECK(co_await files_.forget(file.id));
    ++done;
  }
  co_return done;
}

}  // namespace auterity::api
