#pragma once
// The lock of an environment whose operations all run on one machine: an flock on `<folder>/lock`,
// which the kernel gives up when its holder dies, and the lease beside it in `<folder>/lease.json`
// for whoever asks. While the flock is held nobody takes the lease over, however long a step takes;
// once it is free the lease is stale, whatever its expiry says, and is taken with the next term.
// Whoever finds that the lock's file was taken away, or the lease is another's, has lost the lock.
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "core/clock.h"
#include "core/files.h"
#include "operations/journal/lock.h"

namespace auterity::operations {

class FileLock final : public OperationLock {
 public:
  // The lease counts for `lease_time` after each renewal (for readers on other machines).
  FileLock(Files& files, Clock& clock, std::filesystem::path folder,
           Duration lease_time = std::chrono::minutes(10));
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;
  ~FileLock() override;

  Result<Lease> acquire(std::string holder, std::string operation) override;
  Status check_free() override;
  Status renew(const std::string& step) override;
  Status release() override;
  bool is_held() override;
  std::optional<Lease> peek() override;

 private:
  Status write();
  Status check_kept();
  std::unexpected<Error> held_by_another();

  Files& files_;
  Clock& clock_;
  std::filesystem::path folder_;
  Duration lease_time_;
  int descriptor_ = -1;
  Lease lease_;
};

// Whether `table`, the text of /proc/locks, lists an exclusive flock on the file with this inode.
bool holds_flock(std::string_view table, std::uint64_t inode);

}  // namespace auterity::operations
