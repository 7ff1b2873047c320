#pragma once
// What `auterity check` is asked about in tests: an environment that was never started, in a
// throwaway folder, on this machine.
#include "core/disk_files.h"
#include "core/random.h"
#include "core/system_processes.h"
#include "harness/event_loop.h"
#include "harness/throwaway_folder.h"
#include "operations/check/check.h"

namespace auterity::operations::check {

class NoNetwork final : public HttpClient {
 public:
  Async<Result<HttpResponse>> send(HttpRequest) override {
    co_return fail(ErrorKind::unavailable, "there is no network");
  }
};

class SubjectFixture {
 public:
  SubjectFixture(Executor executor, Clock& clock)
      : processes_(clock),
        context_{.executor = std::move(executor),
                 .files = files_,
                 .processes = processes_,
                 .clock = clock,
                 .random = random_,
                 .http = http_,
                 .log = log_,
                 .layout = {folder_.path(), "staging", folder_.path() / "run"}},
        environment_(EnvironmentFile::defaults("staging")) {}

  Subject subject() {
    return {.context = context_, .environment = environment_, .variables = variables_};
  }
  Environment& variables() { return variables_; }
  LocalContext& context() { return context_; }

 private:
  harness::ThrowawayFolder folder_{"check"};
  DiskFiles files_;
  SystemProcesses processes_;
  SystemRandom random_;
  NoNetwork http_;
  harness::SilentLog log_;
  LocalContext context_;
  EnvironmentFile environment_;
  Environment variables_;
};

}  // namespace auterity::operations::check
