// A bad release's API process: the real one behind a front that spoils its answers. The front takes
// the socket that the process was to listen on, starts the process on another one, and dies with
// it; readiness, signals and everything else are the real process'.
//
//   bad_replica FAULT PROGRAM ARGUMENT…
//
// FAULT: "errors", every 20th request is answered with 500; "slow", every answer comes 30 ms late;
// "unready", the readiness route answers 503 for ever.
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <cstdlib>
#include <string>
#include <string_view>
#include <thread>

namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using Local = asio::local::stream_protocol;
using Request = http::request<http::string_body>;
using Response = http::response<http::string_body>;

constexpr int kEveryHowManyth = 20;
constexpr int kDelay_ms = 30;
constexpr int kReadyDescriptor = 3;
constexpr std::string_view kUnix = "unix:";

class Front {
 public:
  Front(std::string fault, const std::string& socket, std::string real_socket)
      : fault_(std::move(fault)), real_socket_(std::move(real_socket)) {
    ::unlink(socket.c_str());
    acceptor_.open();
    acceptor_.bind(socket);
    ::chmod(socket.c_str(), 0666);
    acceptor_.listen();
  }

  void run() {
    for (;;) {
      boost::system::error_code error;
      Local::socket client(io_);
      acceptor_.accept(client, error);
      if (error) continue;
      std::thread([this, client = std::move(client)]() mutable { serve(client); }).detach();
    }
  }

 private:
  void serve(Local::socket& client) {
    boost::beast::flat_buffer buffer;
    for (;;) {
      Request request;
      boost::system::error_code error;
      http::read(client, buffer, request, error);
      if (error) return;
      Response response;
      if (const int status = spoiled(request)) {
        response.version(request.version());
        response.result(static_cast<unsigned>(status));
        response.keep_alive(request.keep_alive());
        response.prepare_payload();
      } else if (!pass_on(request, response)) {
        return;
      }
      if (fault_ == "slow") ::poll(nullptr, 0, kDelay_ms);
      http::write(client, response, error);
      if (error || !response.keep_alive()) return;
    }
  }

  // The status that is answered in the real process' place; 0: none.
  int spoiled(const Request& request) {
    if (fault_ == "errors" && ++requests_ % kEveryHowManyth == 0) return 500;
    if (fault_ == "unready" && request.target().ends_with("/health/readiness")) return 503;
    return 0;
  }

  bool pass_on(const Request& request, Response& response) {
    boost::system::error_code error;
    Local::socket real(io_);
    real.connect(real_socket_, error);
    if (!error) http::write(real, request, error);
    boost::beast::flat_buffer buffer;
    if (!error) http::read(real, buffer, response, error);
    return !error;
  }

  std::string fault_;
  std::string real_socket_;
  asio::io_context io_;
  Local::acceptor acceptor_{io_};
  std::atomic<int> requests_ = 0;
};

pid_t start_real_process(const std::string& socket, char** words, const sigset_t& signals) {
  const pid_t pid = ::fork();
  if (pid != 0) return pid;
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  ::sigprocmask(SIG_UNBLOCK, &signals, nullptr);
  ::setenv("AUTERITY_LISTEN", (std::string(kUnix) + socket).c_str(), 1);
  ::execv(words[0], words);
  ::_exit(127);
}

}  // namespace

int main(int count, char** words) {
  const char* listen = std::getenv("AUTERITY_LISTEN");
  if (count < 3 || listen == nullptr || !std::string_view(listen).starts_with(kUnix)) return 2;
  const std::string socket = listen + kUnix.size();
  const std::string real_socket = socket + ".real";
  sigset_t signals;
  ::sigemptyset(&signals);
  for (const int signal : {SIGTERM, SIGINT, SIGUSR1, SIGCHLD}) ::sigaddset(&signals, signal);
  ::sigprocmask(SIG_BLOCK, &signals, nullptr);
  // It listens before the real process says that it is ready.
  Front front(words[1], socket, real_socket);
  const pid_t real = start_real_process(real_socket, words + 2, signals);
  ::close(kReadyDescriptor);
  std::thread([&front] { front.run(); }).detach();
  for (;;) {
    int signal = 0;
    ::sigwait(&signals, &signal);
    int status = 0;
    if (signal != SIGCHLD)
      ::kill(real, signal);
    else if (::waitpid(real, &status, WNOHANG) == real)
      ::_exit(WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
  }
}
