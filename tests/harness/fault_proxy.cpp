#include "harness/fault_proxy.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <future>
#include <list>
#include <thread>

#include "core/async.h"
#include "core/system_clock.h"
#include "core/task_group.h"

namespace auterity::harness {
namespace asio = boost::asio;
using boost::system::error_code;
using Socket = asio::generic::stream_protocol::socket;

namespace {

enum class Mode { pass, delay, black_hole, drop, cut };

asio::generic::stream_protocol::endpoint parse_target(const std::string& target) {
  if (target.front() == '/') return asio::local::stream_protocol::endpoint(target);
  const auto colon = target.rfind(':');
  return asio::ip::tcp::endpoint(asio::ip::make_address(target.substr(0, colon)),
                                 static_cast<std::uint16_t>(std::stoi(target.substr(colon + 1))));
}

// Ends without the usual farewell: the peer sees a reset.
void close_abruptly(Socket& socket) {
  error_code ignored;
  socket.set_option(asio::socket_base::linger(true, 0), ignored);
  socket.close(ignored);
}

}  // namespace

struct FaultProxy::State {
  struct Pair {
    Socket client, server;
  };
  using PairPtr = std::shared_ptr<Pair>;

  explicit State(const std::string& to)
      : target(parse_target(to)),
        acceptor(context),
        tasks(context.get_executor(), "proxy", [](std::string_view, std::exception_ptr) {}) {}

  void listen() {
    acceptor = asio::ip::tcp::acceptor(
        context, {asio::ip::address_v4::loopback(), static_cast<std::uint16_t>(port)});
    port = acceptor.local_endpoint().port();
    tasks.spawn("accept", accept_all());
  }

  Async<void> accept_all() {
    for (;;) {
      error_code error;
      auto accepted_socket =
          co_await acceptor.async_accept(asio::redirect_error(asio::use_awaitable, error));
      if (error) co_return;
      ++accepted;
      auto pair = std::make_shared<Pair>(Pair{Socket(std::move(accepted_socket)), Socket(context)});
      co_await pair->server.async_connect(target, asio::redirect_error(asio::use_awaitable, error));
      if (error) {
        close_abruptly(pair->client);
        continue;
      }
      pairs.push_back(pair);
      tasks.spawn("up", forward(pair, pair->client, pair->server, false));
      tasks.spawn("down", forward(pair, pair->server, pair->client, true));
    }
  }

  Async<void> forward(PairPtr pair, Socket& from, Socket& to, bool from_server) {
    std::array<char, 16 * 1024> buffer{};
    error_code error;
    auto token = asio::redirect_error(asio::use_awaitable, error);
    while (!error) {
      const auto size = co_await from.async_read_some(asio::buffer(buffer), token);
      if (error || mode == Mode::black_hole) continue;
      if (mode == Mode::delay) co_await clock.sleep(hold_back);
      auto bytes = asio::buffer(buffer.data(), size);
      if (from_server && mode == Mode::drop) bytes += take_budget(size);
      if (from_server && mode == Mode::cut) bytes = asio::buffer(bytes, take_budget(size));
      co_await asio::async_write(to, bytes, token);
      if (from_server && mode == Mode::cut && budget == 0) break;
    }
    close(pair);
  }

  // How many of `size` bytes still fall under the budget, which shrinks by them.
  std::size_t take_budget(std::size_t size) {
    const auto taken = std::min<std::uint64_t>(size, budget);
    budget -= taken;
    return taken;
  }

  void close(const PairPtr& pair) {
    close_abruptly(pair->client);
    close_abruptly(pair->server);
    std::erase(pairs, pair);
  }

  void close_all() {
    for (const auto& pair : std::list<PairPtr>(pairs)) close(pair);
  }

  // Runs `change` on the proxy's thread and waits until it is done.
  template <typename Change>
  void on_thread(Change change) {
    std::promise<void> done;
    asio::post(context, [&] {
      change();
      done.set_value();
    });
    done.get_future().wait();
  }

  void set_mode(Mode to, std::uint64_t bytes = 0) {
    on_thread([&] {
      mode = to;
      budget = bytes;
      if (!acceptor.is_open()) listen();
    });
  }

  asio::io_context context;
  SystemClock clock;
  asio::generic::stream_protocol::endpoint target;
  asio::ip::tcp::acceptor acceptor;
  int port = 0;
  Mode mode = Mode::pass;
  Duration hold_back{};
  std::uint64_t budget = 0;
  std::atomic<std::uint64_t> accepted = 0;
  std::list<PairPtr> pairs;
  TaskGroup tasks;
  std::thread thread;
};

FaultProxy::FaultProxy(const std::string& target) : state_(std::make_unique<State>(target)) {
  state_->listen();
  state_->thread = std::thread([this] {
    const auto work = asio::make_work_guard(state_->context);
    state_->context.run();
  });
}

FaultProxy::~FaultProxy() {
  auto& state = *state_;
  const auto stop = [](State& s) -> Async<void> {
    s.close_all();
    s.acceptor.close();
    s.tasks.stop();
    co_await s.tasks.join();
  };
  std::promise<void> stopped;
  asio::co_spawn(state.context, stop(state), [&](std::exception_ptr) { stopped.set_value(); });
  stopped.get_future().wait();
  state.context.stop();
  state.thread.join();
}

int FaultProxy::port() const { return state_->port; }
std::uint64_t FaultProxy::accepted() const { return state_->accepted; }
void FaultProxy::pass() { state_->set_mode(Mode::pass); }
void FaultProxy::black_hole() { state_->set_mode(Mode::black_hole); }
void FaultProxy::drop_bytes(std::uint64_t count) { state_->set_mode(Mode::drop, count); }
void FaultProxy::cut_after(std::uint64_t count) { state_->set_mode(Mode::cut, count); }

void FaultProxy::delay(Duration by) {
  state_->on_thread([&] { state_->hold_back = by; });
  state_->set_mode(Mode::delay);
}

void FaultProxy::refuse() {
  state_->on_thread([&] {
    state_->acceptor.close();
    state_->close_all();
  });
}

void FaultProxy::cut_all() {
  state_->on_thread([&] { state_->close_all(); });
}

}  // namespace auterity::harness
