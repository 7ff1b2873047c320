#include "harness/simulated_machine.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <boost/json.hpp>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <memory>
#include <sstream>
#include <utility>

#include "core/json.h"

namespace auterity::harness {
namespace {

namespace asio = boost::asio;
namespace fs = std::filesystem;
using Stream = asio::local::stream_protocol;

std::string read_file(const fs::path& path) {
  std::ifstream in(path);
  return {std::istreambuf_iterator<char>(in), {}};
}

bool is_logger(std::string_view name) { return name.ends_with("-log"); }

bool has(const std::vector<std::string>& arguments, std::string_view word) {
  return std::ranges::find(arguments, word) != arguments.end();
}

// A pipe with somebody who reads it: how s6 shows that it lives.
int open_pipe(const fs::path& pipe) {
  fs::create_directories(pipe.parent_path());
  ::mkfifo(pipe.c_str(), 0600);
  return ::open(pipe.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
}

// "1.2.3" of ".../releases/1.2.3/…".
std::string release_in(std::string_view text) {
  constexpr std::string_view kFolder = "/releases/";
  const std::size_t at = text.find(kFolder);
  if (at == std::string_view::npos) return "";
  const std::size_t begin = at + kFolder.size();
  return std::string(text.substr(begin, text.find_first_of("/;\n ", begin) - begin));
}

ProcessOutcome failed(std::string why) { return {.exit_code = 1, .error_output = std::move(why)}; }

}  // namespace

// HAProxy's admin socket: a line in, the answer out, closed.
class SimulatedMachine::RuntimeSocket : public std::enable_shared_from_this<RuntimeSocket> {
 public:
  RuntimeSocket(asio::io_context& loop, const fs::path& path,
                std::function<std::string(std::string)> answer)
      : path_(path), acceptor_(loop), answer_(std::move(answer)) {
    fs::create_directories(path.parent_path());
    fs::remove(path);
    acceptor_.open();
    acceptor_.bind(Stream::endpoint(path.string()));
    acceptor_.listen();
    accept();
  }
  ~RuntimeSocket() {
    acceptor_.close();
    std::error_code error;
    fs::remove(path_, error);
  }

 private:
  struct Exchange {
    Stream::socket socket;
    std::string text;
  };

  void accept() {
    acceptor_.async_accept([this](boost::system::error_code error, Stream::socket socket) {
      if (error) return;  // closed, perhaps with this object
      serve(std::make_shared<Exchange>(std::move(socket), std::string()));
      accept();
    });
  }
  void serve(std::shared_ptr<Exchange> exchange) {
    auto buffer = asio::dynamic_buffer(exchange->text);
    Stream::socket& socket = exchange->socket;
    asio::async_read_until(
        socket, buffer, '\n',
        [exchange, answer = answer_](boost::system::error_code error, std::size_t) {
          if (error) return;
          exchange->text = answer(exchange->text.substr(0, exchange->text.find('\n')));
          asio::async_write(exchange->socket, asio::buffer(exchange->text),
                            [exchange](boost::system::error_code, std::size_t) {});
        });
  }

  fs::path path_;
  Stream::acceptor acceptor_;
  std::function<std::string(std::string)> answer_;
};

SimulatedMachine::SimulatedMachine(asio::io_context& loop, SimulatedClock& clock, fs::path services,
                                   fs::path run, fs::path logs, unsigned user_id)
    : loop_(loop),
      clock_(clock),
      services_(std::move(services)),
      run_(std::move(run)),
      logs_(std::move(logs)),
      user_id_(user_id) {}

SimulatedMachine::~SimulatedMachine() {
  for (auto& [name, supervised] : supervised_)
    if (supervised.control >= 0) ::close(supervised.control);
  if (scanner_ >= 0) ::close(scanner_);
}

std::map<std::string, SimulatedMachine::Service> SimulatedMachine::services() const {
  std::map<std::string, Service> all;
  for (const auto& [name, supervised] : supervised_)
    if (!is_logger(name)) all.emplace(name, supervised.service);
  return all;
}

bool SimulatedMachine::is_up(const std::string& name) const {
  const auto found = supervised_.find(name);
  return found != supervised_.end() && found->second.service.up;
}

Async<Result<ProcessOutcome>> SimulatedMachine::run(ProcessRequest request) {
  before_program();
  co_return carry_out(request);
}

ProcessOutcome SimulatedMachine::carry_out(const ProcessRequest& request) {
  const auto& arguments = request.arguments;
  const std::string program = fs::path(arguments.front()).filename();
  const std::string& last = arguments.back();
  if (program.starts_with("s6-sv") && program != "s6-svscanctl" &&
      !supervised_.contains(fs::path(last).filename()))
    return failed(last + " is not supervised");
  if (program == "s6-svc") return supervise(arguments);
  if (program == "s6-svstat") return status_of(fs::path(last).filename());
  if (program == "s6-svdt")
    return {.output =
                std::string(supervised_[fs::path(last).filename()].service.deaths.size(), '\n')};
  if (program == "s6-svdt-clear") {
    supervised_[fs::path(last).filename()].service.deaths.clear();
    return {};
  }
  if (program == "s6-svscanctl") {
    if (arguments[1] != "-t") {
      scan();
      return {};
    }
    while (!supervised_.empty()) forget(supervised_.begin()->first);
    ::close(std::exchange(scanner_, -1));
    return {};
  }
  if (program == "setsid") {
    scanner_ = open_pipe(services_ / ".s6-svscan/control");
    scan();
    return {};
  }
  if (program == "mv") return move(arguments);
  if (program == "tar") return pack(arguments);
  if (program == "install") return make_folder(arguments);
  if (program == "cp") return copy(arguments);
  if (program == "auterity") return run_release(arguments);
  if (program == "mkfifo") return ::mkfifo(last.c_str(), 0600) == 0 ? ProcessOutcome{} : failed("");
  if (program == "ln") {
    fs::remove(last);
    fs::create_symlink(arguments[arguments.size() - 2], last);
    return {};
  }
  if (program == "initdb") {
    std::ofstream(fs::path(arguments[2]) / "PG_VERSION") << "15\n";
    return {};
  }
  static const std::set<std::string> kWithoutEffect{"chown", "chmod", "sync", "end-leftovers"};
  if (kWithoutEffect.contains(program)) return {};
  return failed(program + " is not on the simulated machine");
}

ProcessOutcome SimulatedMachine::move(const std::vector<std::string>& arguments) {
  std::error_code error;
  fs::rename(arguments[arguments.size() - 2], arguments.back(), error);
  return error ? failed(error.message()) : ProcessOutcome{};
}

// An archive is its release's manifest.
ProcessOutcome SimulatedMachine::pack(const std::vector<std::string>& arguments) {
  const auto after = [&](std::string_view option) {
    return std::next(std::ranges::find(arguments, option));
  };
  if (has(arguments, "-xOf")) return {.output = read_file(*after("-xOf"))};
  fs::copy_file(fs::path(*after("-C")) / "manifest.json", *after("-cf"),
                fs::copy_options::overwrite_existing);
  return {};
}

ProcessOutcome SimulatedMachine::make_folder(const std::vector<std::string>& arguments) {
  const fs::path folder = arguments.back();
  fs::create_directories(folder);
  const std::string& mode = *std::next(std::ranges::find(arguments, "-m"));
  fs::permissions(folder, fs::perms(std::strtoul(mode.c_str(), nullptr, 8)));
  if (::geteuid() == 0 && ::chown(folder.c_str(), user_id_, user_id_) != 0) return failed("chown");
  return {};
}

ProcessOutcome SimulatedMachine::copy(const std::vector<std::string>& arguments) {
  const fs::path target = arguments.back();
  for (std::size_t index = 1; index + 1 < arguments.size(); ++index) {
    const fs::path source = arguments[index];
    if (arguments[index].starts_with('-')) continue;
    fs::copy(source, fs::is_directory(source) ? target / source.filename() : target,
             fs::copy_options::recursive | fs::copy_options::overwrite_existing);
  }
  return {};
}

ProcessOutcome SimulatedMachine::run_release(const std::vector<std::string>& arguments) {
  if (arguments[1] == "version")
    return {.output = R"({"version":"0.0.0","commit":"unknown","committed_at":)"
                      R"("1970-01-01T00:00:00Z","platform":"linux-x86_64",)"
                      R"("schema":{"oldest":1,"newest":1},)"
                      R"("state_formats":{"oldest":1,"newest":1}})"};
  if (arguments[1] == "user" && arguments[2] == "add") accounts.insert(arguments[3]);
  if (arguments[1] != "user") return failed("the simulated program has no " + arguments[1]);
  std::string list;
  for (const std::string& account : accounts) list += "\"" + account + "\"\n";
  return {.output = list};
}

ProcessOutcome SimulatedMachine::supervise(const std::vector<std::string>& arguments) {
  const std::string name = fs::path(arguments.back()).filename();
  if (has(arguments, "-u")) {
    start(name);
  } else if (has(arguments, "-d")) {
    stop(name);
  } else if (has(arguments, "-xd")) {
    forget(name);
  } else {
    signal(name, arguments[1]);
  }
  return {};
}

ProcessOutcome SimulatedMachine::status_of(const std::string& name) {
  const Service& service = supervised_[name].service;
  return {.output = fmt::format("{0} {0} {1} @400000006a0d6b0000000000\n", service.up,
                                service.up ? service.pid : -1)};
}

void SimulatedMachine::scan() {
  for (const auto& entry : fs::directory_iterator(services_)) {
    const std::string name = entry.path().filename();
    if (name.starts_with('.') || !fs::exists(entry.path() / "run") || supervised_.contains(name))
      continue;
    supervised_[name].control = open_pipe(entry.path() / "supervise/control");
    std::ofstream(entry.path() / "supervise/status") << "there\n";
    if (!fs::exists(entry.path() / "down")) start(name);
  }
}

void SimulatedMachine::start(const std::string& name) {
  Service& service = supervised_[name].service;
  if (service.up) return;
  service.up = true;
  service.pid = next_pid_++;
  const fs::path folder = services_ / name;
  service.release = release_in(read_file(folder / (name == "nginx" ? "data/nginx.conf" : "run")));
  if (name != "haproxy") return;
  load_balancer();
  runtime_ = std::make_unique<RuntimeSocket>(
      loop_, run_ / "haproxy-admin.sock",
      [this](const std::string& commands) { return answer_runtime(commands); });
}

void SimulatedMachine::stop(const std::string& name) {
  supervised_[name].service.up = false;
  if (name != "haproxy") return;
  runtime_.reset();
  servers_.clear();
}

void SimulatedMachine::forget(const std::string& name) {
  stop(name);
  ::close(supervised_[name].control);
  supervised_.erase(name);
}

void SimulatedMachine::signal(const std::string& name, const std::string& signal) {
  if (!is_up(name)) return;
  if (name == "haproxy" && signal == "-2") load_balancer();
  if (name == "nginx" && signal == "-h")
    supervised_[name].service.release = release_in(read_file(services_ / name / "data/nginx.conf"));
}

// What is set at run time is lost with the process: its file is read.
void SimulatedMachine::load_balancer() {
  servers_.clear();
  worker_pid_ = next_pid_++;
  std::istringstream lines(read_file(services_ / "haproxy/data/haproxy.cfg"));
  bool in_api = false;
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    const std::vector<std::string> word{std::istream_iterator<std::string>(words), {}};
    if (word.size() > 1 && word[0] == "backend") in_api = word[1] == "api";
    if (word.size() > 1 && word[0] == "description")
      description_ = line.substr(line.find("description") + 12);
    if (!in_api || word.size() < 5 || word[0] != "server") continue;
    servers_.push_back({word[1], std::stoi(word[4]), has(word, "disabled") ? "maint" : "ready"});
  }
}

std::string SimulatedMachine::answer_runtime(const std::string& commands) {
  std::string answer;
  std::string_view rest = commands;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find("; "), rest.size());
    answer += answer_command(std::string(rest.substr(0, end)));
    rest.remove_prefix(std::min(end + 2, rest.size()));
  }
  return answer + "\n";
}

std::string SimulatedMachine::answer_command(const std::string& command) {
  std::istringstream words(command);
  const std::vector<std::string> word{std::istream_iterator<std::string>(words), {}};
  if (command == "show info")
    return fmt::format("Name: HAProxy\nPid: {}\ndescription: {}\n", worker_pid_, description_);
  if (command.starts_with("show stat")) {
    std::string table = "# pxname,svname,scur,status,uweight\n";
    for (const Server& server : servers_) {
      const std::string_view status = server.state == "maint"   ? "MAINT"
                                      : server.state == "drain" ? "DRAIN"
                                      : is_up(server.name)      ? "UP"
                                                                : "DOWN";
      table += fmt::format("api,{},0,{},{}\n", server.name, status, server.weight);
    }
    return table;
  }
  const std::string name = word.size() < 4 ? "" : word[2].substr(word[2].find('/') + 1);
  const auto server = std::ranges::find(servers_, name, &Server::name);
  if (server == servers_.end()) return "No such server.\n";
  if (word[1] == "weight")
    server->weight = std::stoi(word[3]);
  else
    server->state = word.back();
  return "";
}

std::string SimulatedMachine::choose_server() {
  int total = 0;
  const Server* best = nullptr;
  for (const Server& server : servers_) {
    if (server.state != "ready" || server.weight == 0 || !is_up(server.name)) continue;
    total += server.weight;
    credit_[server.name] += server.weight;
    if (best == nullptr || credit_[server.name] > credit_[best->name]) best = &server;
  }
  if (best == nullptr) return "";
  credit_[best->name] -= total;
  return best->name;
}

void SimulatedMachine::log_request(const std::string& server, int status) {
  fs::create_directories(logs_ / "haproxy");
  std::ofstream(logs_ / "haproxy/current", std::ios::app)
      << fmt::format(
             R"({{"accepted_ms":{},"server":"{}","status":{},"response_ms":3,)"
             R"("termination":"{}"}})",
             std::chrono::duration_cast<std::chrono::milliseconds>(clock_.now().time_since_epoch())
                 .count(),
             server.empty() ? "<NOSRV>" : server, status, server.empty() ? "SC" : "--")
      << '\n';
}

std::pair<int, std::string> SimulatedMachine::ask_in_public(const std::string& path) {
  if (!is_up("haproxy")) return {0, ""};
  if (!path.starts_with("/api/")) return {is_up("nginx") ? 200 : 503, "nginx"};
  const std::string server = choose_server();
  return {server.empty() ? 503 : 200, server};
}

HttpResponse SimulatedMachine::answer_as(const std::string& service, const HttpRequest& request) {
  const std::string& release = supervised_.at(service).service.release;
  HttpResponse response{.status = 200, .headers = {}, .body = "{}", .url = request.url};
  if (service == "nginx") response.headers = {{"X-Auterity-Release", release}};
  if (request.url.ends_with("/api/health"))
    response.body = to_text(Json(JsonObject{{"version", release}}));
  if (request.url.ends_with("/api/auth/login")) response.body = R"({"access_token":"token"})";
  if (request.url.ends_with("/api/workflows")) response.body = R"({"id":"w"})";
  if (request.url.ends_with("/execute"))
    response.body = R"({"status":"completed","output":{"doubled":12}})";
  return response;
}

Async<Result<HttpResponse>> SimulatedMachine::send(HttpRequest request) {
  if (!request.unix_socket.empty()) {
    const std::string service = fs::path(request.unix_socket).stem();
    if (!is_up(service)) co_return fail(ErrorKind::unavailable, "connection refused");
    co_return answer_as(service, request);
  }
  const std::size_t path = request.url.find('/', std::string_view("http://").size());
  const auto [status, server] = ask_in_public(request.url.substr(path));
  if (status == 0) co_return fail(ErrorKind::unavailable, "connection refused");
  if (server != "nginx") log_request(server, status);
  if (status == 200) co_return answer_as(server, request);
  co_return HttpResponse{.status = status, .headers = {}, .body = {}, .url = request.url};
}

}  // namespace auterity::harness
