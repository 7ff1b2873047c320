#pragma once
// What is measured: a whole platform in a throwaway home (PostgreSQL, Redis, HAProxy, nginx …), and
// one API process of our own on a loopback port with the platform's database, so that one process
// can be measured without the balancer in front. Everything started is stopped by stop().
#include <sys/types.h>

#include <filesystem>
#include <string>

#include "core/async.h"
#include "core/clock.h"
#include "core/error.h"
#include "core/files.h"
#include "core/http_client.h"
#include "core/processes.h"
#include "core/random.h"

namespace auterity::benchmark {

class Subject {
 public:
  Subject(Processes& processes, HttpClient& http, Files& files, Clock& clock, std::string binary);

  Async<Status> start();
  Async<void> stop();

  const std::filesystem::path& home() const { return home_; }
  const std::string& api() const { return api_; }  // of the one process, "http://127.0.0.1:port"
  const std::string& front() const { return front_; }  // of the platform, behind HAProxy
  const std::string& nginx() const {
    return nginx_;
  }  // answers 200 with a body as long as health's
  const std::string& token() const { return token_; }
  const std::string& database_url() const { return database_url_; }
  pid_t api_pid() const { return api_pid_; }
  double start_milliseconds() const {
    return start_milliseconds_;
  }  // of the one process: start to first 200

  // Publishes a definition and answers its id.
  Async<Result<std::string>> publish(std::string yaml);
  // Starts it, waits for its end, and answers the execution's id.
  Async<Result<std::string>> execute(const std::string& workflow_id);
  // Stops the one process and starts it again, measuring its start.
  Async<Status> restart_api();

 private:
  Async<Status> start_platform();
  Async<Status> start_nginx();
  Async<Status> start_api();
  Async<Status> sign_in();
  void stop_api();

  Processes& processes_;
  HttpClient& http_;
  Files& files_;
  Clock& clock_;
  std::string binary_;
  std::filesystem::path home_;
  std::string api_, front_, nginx_, token_, email_, password_, database_url_, redis_url_;
  pid_t api_pid_ = 0;
  double start_milliseconds_ = 0;
};

}  // namespace auterity::benchmark
