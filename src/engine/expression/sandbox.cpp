#include "engine/expression/sandbox.h"

#include <errno.h>
#include <seccomp.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <fstream>
#include <memory>

namespace auterity::engine {
namespace {

// Sanitizers map terabytes and, the thread sanitizer, run a thread of their own: their builds go
// without the walls that forbid it.
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
constexpr bool sanitized = true;
#else
constexpr bool sanitized = false;
#endif

bool limit(__rlimit_resource resource, rlim_t value) {
  rlimit bound{value, value};
  return ::setrlimit(resource, &bound) == 0;
}

bool limit_resources(const SandboxLimits& limits) {
  bool done = limit(RLIMIT_CORE, 0) && limit(RLIMIT_FSIZE, 0) &&
              limit(RLIMIT_CPU, static_cast<rlim_t>(limits.processor_time.count()));
  if (sanitized) return done;
  std::size_t mapped_pages = 0;
  std::ifstream("/proc/self/statm") >> mapped_pages;
  std::size_t mapped_bytes = mapped_pages * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  return done && mapped_pages > 0 && limit(RLIMIT_AS, mapped_bytes + limits.memory_bytes) &&
         limit(RLIMIT_NOFILE, 0);
}

bool leave_with_parent() {
  return ::prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && ::prctl(PR_SET_DUMPABLE, 0) == 0 &&
         ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0;
}

using Filter = std::unique_ptr<void, decltype(&seccomp_release)>;

bool allow_computing(scmp_filter_ctx filter) {
  for (int call : {SCMP_SYS(read),          SCMP_SYS(write),
                   SCMP_SYS(close),         SCMP_SYS(fstat),
                   SCMP_SYS(lseek),         SCMP_SYS(munmap),
                   SCMP_SYS(brk),           SCMP_SYS(mremap),
                   SCMP_SYS(madvise),       SCMP_SYS(futex),
                   SCMP_SYS(rt_sigaction),  SCMP_SYS(rt_sigprocmask),
                   SCMP_SYS(rt_sigreturn),  SCMP_SYS(sigaltstack),
                   SCMP_SYS(clock_gettime), SCMP_SYS(gettimeofday),
                   SCMP_SYS(time),          SCMP_SYS(getpid),
                   SCMP_SYS(gettid),        SCMP_SYS(getrandom),
                   SCMP_SYS(sysinfo),       SCMP_SYS(restart_syscall),
                   SCMP_SYS(sched_yield),   SCMP_SYS(exit),
                   SCMP_SYS(exit_group)}) {
    if (seccomp_rule_add(filter, SCMP_ACT_ALLOW, call, 0) != 0) return false;
  }
  return true;
}

// Memory, but none that is executable; signals, but to itself alone (abort); no file, but an error
// that libraries live with instead of death, since the C library looks for time zones and locales.
bool allow_in_part(scmp_filter_ctx filter) {
  const scmp_arg_cmp not_executable{2, SCMP_CMP_MASKED_EQ, PROT_EXEC, 0};
  const scmp_arg_cmp to_itself{0, SCMP_CMP_EQ, static_cast<scmp_datum_t>(::getpid()), 0};
  if (seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1, &not_executable) != 0 ||
      seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1, &not_executable) != 0 ||
      seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 1, &to_itself) != 0) {
    return false;
  }
  for (int call : {SCMP_SYS(open), SCMP_SYS(openat), SCMP_SYS(stat), SCMP_SYS(lstat),
                   SCMP_SYS(newfstatat), SCMP_SYS(access), SCMP_SYS(readlink), SCMP_SYS(ioctl)}) {
    if (seccomp_rule_add(filter, SCMP_ACT_ERRNO(EACCES), call, 0) != 0) return false;
  }
  return true;
}

bool filter_system_calls() {
  if (sanitized) return true;
  Filter filter(seccomp_init(SCMP_ACT_KILL_PROCESS), &seccomp_release);
  return filter && allow_computing(filter.get()) && allow_in_part(filter.get()) &&
         seccomp_load(filter.get()) == 0;
}

}  // namespace

bool enter_sandbox(const SandboxLimits& limits) {
  return leave_with_parent() && limit_resources(limits) && filter_system_calls();
}

}  // namespace auterity::engine
