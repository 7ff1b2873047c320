#pragma once
// s6 as the supervisor of a local platform: one s6-svscan per environment over `services/`, one
// service and one logger per component. Invariants: a service folder appears as a whole; a service
// that is meant to be down stays down over a restart of its supervisor; a service counts as started
// only when it said that it is ready. After the death of s6-svscan its services run on, and start()
// adopts them: the new s6-svscan takes each over once its old supervisor ends. Does not know what
// the services are.
#include <string>
#include <string_view>
#include <vector>

#include "core/async.h"
#include "core/clock.h"
#include "core/error.h"
#include "core/files.h"
#include "core/processes.h"
#include "targets/local/service_definition.h"

namespace auterity::local {

struct ServiceState {
  bool installed = false;   // has a service folder
  bool supervised = false;  // an s6-supervise watches it
  bool up = false;
  bool ready = false;
  bool kept_down = false;  // stays down, or goes down, when its supervisor starts anew
  int pid = 0;
  Time since;        // up or down since
  int restarts = 0;  // deaths since it was last started on purpose

  // "running", "starting", "stopped" or "absent".
  std::string_view name() const;
};

class Supervisor {
 public:
  Supervisor(Files& files, Processes& processes, Clock& clock, Platform platform)
      : files_(files), processes_(processes), clock_(clock), platform_(std::move(platform)) {}

  // Whether an s6-svscan runs over this environment's services.
  bool running() const;
  // Starts s6-svscan; services come up one by one by start_service(), not by themselves. Adopts
  // what an earlier one left running.
  Async<Status> start();
  // Ends s6-svscan and every supervisor. Services must have been stopped.
  Async<Status> stop();

  // Names of the service folders that are there, loggers left out, sorted.
  Result<std::vector<std::string>> installed_services() const;
  Async<Result<ServiceState>> state(std::string name);
  // Whether what runs was started from exactly this definition.
  bool runs_as_defined(const ServiceDefinition& service) const;

  // Names of its files that differ from what is on disk.
  std::vector<std::string> changed_files(const ServiceDefinition& service) const;
  // Changed files of a service that is told of the change in another way, or will read them when it
  // starts again. The caller then says so by confirm_started().
  Async<Status> rewrite_service(const ServiceDefinition& service);
  // Sends a running service a signal: "-1" SIGUSR1, "-h" SIGHUP, as s6-svc names them.
  Async<Status> signal_service(std::string name, std::string signal);
  // For a service that takes up changed files while it runs: writes them and sends it SIGUSR2. The
  // caller sees that it took them up, and then says so by confirm_started().
  Async<Status> reload_service(ServiceDefinition service);
  Status confirm_started(const ServiceDefinition& service);

  // Writes the service folder (and its logger), (re)starts it and waits until it is ready. failed
  // with the end of its log when it dies or does not get ready in time.
  Async<Status> start_service(ServiceDefinition service);
  // Orderly stop; passes when it is not up, or not there.
  Async<Status> stop_service(std::string name);
  // Starts what stop_service() stopped, as it was, and waits until it is ready.
  Async<Status> continue_service(std::string name);
  // Stops and takes the folder away. The logs stay.
  Async<Status> remove_service(std::string name);

 private:
  Async<Result<std::string>> command(std::vector<std::string> arguments, Duration timeout);
  Async<Status> check(std::vector<std::string> arguments,
                      Duration timeout = std::chrono::seconds(30));
  Async<Status> install(const ServiceDefinition& service);
  Async<Status> install_logger(std::string service);
  Async<Status> write_files(const ServiceDefinition& service, std::filesystem::path folder);
  Async<Status> write_file(const ServiceFile& file, std::filesystem::path folder);
  Async<Status> supervise(std::string name);
  Async<Status> bring_up(std::string name, Duration limit);
  bool supervised(std::string_view name) const;
  std::string end_of_log(std::string_view name) const;

  Files& files_;
  Processes& processes_;
  Clock& clock_;
  Platform platform_;
};

}  // namespace auterity::local
