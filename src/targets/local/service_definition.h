#pragma once
// A supervised service as a value: the files of its s6 service folder. Pure; supervisor.h puts them
// on disk and starts them.
//
// A service writes its output to the pipe of its logger, `<name>-log`, a service of its own that
// runs s6-log. The two are tied by a named pipe and not by s6-svscan's own logging, so that a
// service and its logger find each other again whoever of the two, their supervisors or s6-svscan
// died.
#include <string>
#include <string_view>
#include <vector>

#include "core/time.h"
#include "targets/local/platform.h"

namespace auterity::local {

struct ServiceFile {
  std::string name;  // relative to the service folder
  std::string content;
  unsigned mode = 0644;
  bool for_service_user = false;  // owned by the user that the service runs as
};

struct ServiceDefinition {
  std::string name;
  std::vector<ServiceFile> files;
  Duration ready_timeout = std::chrono::seconds(60);

  // SHA-256 of everything that makes the service what it is.
  std::string digest() const;
};

// How processes that a killed supervisor left behind are known and ended.
struct Leftovers {
  std::string_view program;  // name of the program's file
  std::string_view signal;   // "TERM"
  std::string folder;        // its working directory; empty: the service folder
};

// Shell text that the run scripts share.
// First lines: output into the logger's pipe, then data/end-leftovers.
std::string run_script_head(const Platform& platform, std::string_view name);
// "s6-setuidgid USER " where root must drop its privileges, else "".
std::string drop_privileges(const Platform& platform);
// data/end-leftovers, which the run script calls first: ends what is left over from a killed
// supervisor.
ServiceFile end_leftovers_file(const Platform& platform, std::string_view name,
                               const Leftovers& old);
// Waits for `check` (a shell script) to succeed before the service counts as ready.
ServiceFile check_file(std::string script);

ServiceDefinition define_logger(const Platform& platform, std::string_view service);
ServiceDefinition define_postgres(const Platform& platform);
ServiceDefinition define_redis(const Platform& platform);
ServiceDefinition define_api(const Platform& platform, std::string_view name);
ServiceDefinition define_worker(const Platform& platform, std::string_view name);
ServiceDefinition define_nginx(const Platform& platform);
ServiceDefinition define_haproxy(const Platform& platform);
// For a platform whose autoscaling is on.
ServiceDefinition define_autoscaler(const Platform& platform);
// What a HAProxy that runs with this configuration answers as its description.
std::string haproxy_description(const Platform& platform);
// The definition of one of Platform::service_names().
ServiceDefinition define_service(const Platform& platform, std::string_view name);

}  // namespace auterity::local
