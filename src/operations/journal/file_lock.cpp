#include "operations/journal/file_lock.h"
#include "core/moment.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <boost/json.hpp>
#include <cerrno>
#include <cstring>
#include <utility>

namespace auterity::operations {

FileLock::FileLock(Files& files, Clock& clock, std::filesystem::path folder, Duration lease_time)
    : files_(files), clock_(clock), folder_(std::move(folder)), lease_time_(lease_time) {}

FileLock::~FileLock() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

std::unexpected<Error> FileLock::held_by_another() {
  const auto lease = peek();
  if (!lease || lease->released)
    return fail(ErrorKind::conflict, "another operation has just started in this environment",
                "see it with: auterity operations list");
  return fail(ErrorKind::conflict,
              fmt::format("{} is running in this environment: {}, since {}{}", lease->operation,
                          lease->holder, moment(lease->acquired_at),
                          lease->step.empty() ? "" : ", now at step " + lease->step),
              std::string(lease->expires_at < clock_.now()
                              ? "its lease ran out, so its process is stopped or hangs: see it "
                                "with ps, and end it; "
                              : "wait until it has ended, or interrupt it with Ctrl-C where it "
                                "runs; ") +
                  "see it with: auterity operations list");
}

Result<Lease> FileLock::acquire(std::string holder, std::string operation) {
  AUTERITY_CHECK(files_.create_directories(folder_));
  const std::string path = (folder_ / "lock").string();
  descriptor_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0640);
  if (descriptor_ < 0)
    return fail(ErrorKind::forbidden,
                fmt::format("the lock {} cannot be opened: {}", path, std::strerror(errno)),
                "run the command as the user who started this environment");
  if (::flock(descriptor_, LOCK_EX | LOCK_NB) != 0) {
    ::close(std::exchange(descriptor_, -1));
    return held_by_another();
  }
  const auto previous = peek();
  lease_ =
      Lease{std::move(holder), std::move(operation),       {},   previous ? previous->term + 1 : 1,
            clock_.now(),      clock_.now() + lease_time_, false};
  AUTERITY_CHECK(write());
  return lease_;
}

Status FileLock::check_free() {
  if (is_held()) return held_by_another();
  return {};
}

// A process that was stopped for long may meet that somebody removed its lock to go on without it.
Status FileLock::check_kept() {
  struct stat ours{};
  struct stat there{};
  const bool same = ::fstat(descriptor_, &ours) == 0 &&
                    ::stat((folder_ / "lock").c_str(), &there) == 0 &&
                    ours.st_dev == there.st_dev && ours.st_ino == there.st_ino;
  const auto lease = peek();
  if (same && lease && lease->term == lease_.term) return {};
  return fail(ErrorKind::conflict,
              fmt::format("this {} has lost the lock of its environment{}", lease_.operation,
                          lease && lease->term != lease_.term
                              ? fmt::format(" to {} of {}", lease->operation, lease->holder)
                              : ""),
              "see what goes on now: auterity operations list");
}

Status FileLock::renew(const std::string& step) {
  AUTERITY_CHECK(check_kept());
  lease_.step = step;
  lease_.expires_at = clock_.now() + lease_time_;
  return write();
}

Status FileLock::release() {
  if (descriptor_ < 0) return {};
  lease_.released = true;
  lease_.step.clear();
  // Another's lease is not ours to mark.
  auto written = check_kept() ? write() : Status{};
  ::close(std::exchange(descriptor_, -1));
  return written;
}

bool holds_flock(std::string_view table, std::uint64_t inode) {
  const std::string end_of_file = fmt::format(":{} 0 EOF", inode);
  while (!table.empty()) {
    const std::size_t end = std::min(table.find('\n'), table.size());
    const std::string_view line = table.substr(0, end);
    table.remove_prefix(std::min(end + 1, table.size()));
    if (line.find(" FLOCK ") != std::string_view::npos &&
        line.find(" WRITE ") != std::string_view::npos && line.ends_with(end_of_file))
      return true;
  }
  return false;
}

// Trying the lock would take it from whoever tries in the same moment; the kernel's table tells
// without touching it, and anybody may read it.
bool FileLock::is_held() {
  struct stat facts{};
  if (::stat((folder_ / "lock").c_str(), &facts) != 0) return false;
  const auto table = files_.read("/proc/locks");
  return table && holds_flock(*table, facts.st_ino);
}

std::optional<Lease> FileLock::peek() {
  auto text = files_.read(folder_ / "lease.json");
  if (!text) return std::nullopt;
  auto value = parse_json(*text);
  if (!value) return std::nullopt;
  return parse_lease(*value);
}

Status FileLock::write() {
  return files_.write_atomically(folder_ / "lease.json",
                                 to_pretty_text(Json(to_json(lease_))) + "\n", 0644);
}

}  // namespace auterity::operations
