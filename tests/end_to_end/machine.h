#pragma once
// A machine of a test's own: an AUTERITY_HOME in a throwaway folder, the real program run against
// it, and everything that it started ended when the object goes.
#include <sys/types.h>

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/http_client.h"
#include "core/json.h"
#include "core/system_clock.h"
#include "core/system_processes.h"
#include "harness/event_loop.h"
#include "harness/program.h"
#include "harness/throwaway_folder.h"

namespace auterity::end_to_end {

// Why the platform cannot be started on this machine; empty when it can.
std::string why_no_platform();
#define AUTERITY_NEEDS_PLATFORM()                                                    \
  if (const std::string why = auterity::end_to_end::why_no_platform(); !why.empty()) \
  GTEST_SKIP() << why

// The setting that says how much slower a release may be.
inline constexpr const char* kLatencyRatio = "AUTERITY_DEPLOY_ANALYSIS_LATENCY_RATIO_PERCENT";

class Machine {
 public:
  // `user`: whom the program runs as; empty: the one who runs the test.
  explicit Machine(std::string user = {});
  Machine(const Machine&) = delete;
  Machine& operator=(const Machine&) = delete;
  ~Machine();

  const std::filesystem::path& home() const { return folder_.path(); }
  std::filesystem::path state(const std::string& environment = "development") const {
    return home() / environment;
  }
  void set_program(std::filesystem::path program) { program_ = std::move(program); }
  // An environment variable of the program.
  void set_variable(std::string name, std::string value) {
    variables_.insert_or_assign(std::move(name), std::move(value));
  }

  harness::ProgramOutcome auterity(std::vector<std::string> arguments);
  // Starts the program without waiting for it; wait_for() answers its exit code.
  pid_t start_auterity(std::vector<std::string> arguments);
  static int wait_for(pid_t pid);

  Json json(std::vector<std::string> arguments);
  Json status(const std::string& environment = "development");
  // Of a component, as status shows it; null when it is not there.
  Json component(const std::string& name, const std::string& environment = "development");
  pid_t pid_of(const std::string& name, const std::string& environment = "development");
  Json credentials(const std::string& environment = "development");
  // Tells a component's supervisor what to do, in the switches of s6-svc; answers its exit code.
  int supervise(const std::string& name, const std::string& switches,
                const std::string& environment = "development");

  Result<HttpResponse> send(HttpRequest request);
  // Status of a GET, 0 when nobody answered.
  int get(const std::string& url);
  // Signs in as the first administrator.
  std::string token(const std::string& url, const std::string& environment = "development");

  // Asks again until it is true or the limit passes.
  bool eventually(const std::function<bool()>& condition, int limit_seconds = 30);

  // What the operation under way says of itself: who runs it, and at which step.
  std::string lease() const;
  // Whether the operation under way comes to one of these steps within a minute.
  bool comes_to(const std::vector<std::string>& steps);

  // Processes whose command line holds `text` and this machine's home.
  std::vector<pid_t> processes(const std::string& text = {}) const;

 private:
  harness::ThrowawayFolder folder_;
  std::string user_;
  std::map<std::string, std::string> variables_;
  std::filesystem::path program_;
  harness::EventLoop loop_;
  SystemClock clock_;
  SystemProcesses processes_{clock_};
  std::unique_ptr<HttpClient> http_;
};

}  // namespace auterity::end_to_end
