#pragma once
// A machine on which nothing really runs, for steps that work on one: s6 with its services, HAProxy
// with its runtime socket, nginx, replicas that answer, and the few programs that steps call (cp,
// mv, tar …). What a service would do is read from its service folder at the moment when it starts,
// as the real programs do. Files, pipes and the runtime socket are real ones in a folder of the
// test's; time is simulated. Does not know what it is used for.
#include <boost/asio/io_context.hpp>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "core/http_client.h"
#include "core/processes.h"
#include "harness/simulated_clock.h"

namespace auterity::harness {

class SimulatedMachine final : public Processes, public HttpClient {
 public:
  struct Service {
    bool up = false;
    int pid = 0;
    std::string release;  // "1.2.3", of a program that runs from a release folder, or serves one
    std::vector<int> deaths;
  };
  // A server of HAProxy's only backend, as the process has it at this moment.
  struct Server {
    std::string name;
    int weight = 0;
    std::string state = "ready";  // "maint", "drain"
  };

  // `services` is s6's folder, `run` that of the sockets, `logs` the loggers'.
  SimulatedMachine(boost::asio::io_context& loop, SimulatedClock& clock,
                   std::filesystem::path services, std::filesystem::path run,
                   std::filesystem::path logs, unsigned user_id);
  ~SimulatedMachine() override;

  Async<Result<ProcessOutcome>> run(ProcessRequest request) override;
  Async<Result<HttpResponse>> send(HttpRequest request) override;

  // Called before every program that is run; may throw.
  std::function<void()> before_program = [] {};
  // Who answers a GET of this path on the public port: status and server; 0 when nobody listens.
  std::pair<int, std::string> ask_in_public(const std::string& path);

  bool supervisor_runs() const { return scanner_ >= 0; }
  // What s6 supervises, loggers left out.
  std::map<std::string, Service> services() const;
  const std::vector<Server>& servers() const { return servers_; }
  std::set<std::string> accounts;  // e-mail addresses

 private:
  struct Supervised {
    Service service;
    int control = -1;
  };
  class RuntimeSocket;

  ProcessOutcome carry_out(const ProcessRequest& request);
  ProcessOutcome supervise(const std::vector<std::string>& arguments);
  ProcessOutcome status_of(const std::string& name);
  ProcessOutcome move(const std::vector<std::string>& arguments);
  ProcessOutcome pack(const std::vector<std::string>& arguments);
  ProcessOutcome make_folder(const std::vector<std::string>& arguments);
  ProcessOutcome copy(const std::vector<std::string>& arguments);
  ProcessOutcome run_release(const std::vector<std::string>& arguments);
  void scan();
  void start(const std::string& name);
  void stop(const std::string& name);
  void forget(const std::string& name);
  void signal(const std::string& name, const std::string& signal);
  void load_balancer();
  std::string answer_runtime(const std::string& commands);
  std::string answer_command(const std::string& command);
  bool is_up(const std::string& name) const;
  HttpResponse answer_as(const std::string& service, const HttpRequest& request);
  std::string choose_server();
  void log_request(const std::string& server, int status);

  boost::asio::io_context& loop_;
  SimulatedClock& clock_;
  std::filesystem::path services_, run_, logs_;
  unsigned user_id_;
  int scanner_ = -1;  // the reader of s6-svscan's pipe
  int next_pid_ = 1000;
  std::map<std::string, Supervised> supervised_;
  std::vector<Server> servers_;
  std::map<std::string, int> credit_;  // of the weighted round robin
  std::string description_;
  int worker_pid_ = 0;
  std::unique_ptr<RuntimeSocket> runtime_;
};

}  // namespace auterity::harness
