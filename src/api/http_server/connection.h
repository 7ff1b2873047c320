#pragma once
// One client connection of an HttpServer: a coroutine that reads a request, has it answered and
// writes the answer, in a loop.
#include <boost/asio/generic/stream_protocol.hpp>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>

#include "api/http_server/application.h"
#include "api/http_server/http_server.h"
#include "api/http_server/request_parser.h"

namespace auterity::api {

class Connection final : private BodyReader {
 public:
  using Socket = boost::asio::generic::stream_protocol::socket;

  Connection(HttpServer& server, Socket socket, Peer peer);
  ~Connection() override;
  static Async<void> run(std::unique_ptr<Connection> connection);

  // Called by the server's watch: cuts what is overdue.
  void enforce_deadline(Duration now);
  // The server stops: an idle connection ends at once.
  void close_if_idle();
  // Now, whatever it does.
  void cut();

 private:
  enum class Phase { idle, header, handling, body, writing, lingering };
  using State = RequestParser::State;

  void begin_request();
  State parse_buffered();
  Async<bool> read_more();
  Async<void> answer(Admission admission);
  Async<bool> read_body(std::uint64_t limit);
  Async<Result<std::string_view>> read() override;
  bool finish_unread_body();
  void append_answer();
  Async<bool> send_stream();
  bool flush_at_once();
  Async<bool> flush();
  Async<void> linger();
  void enter(Phase phase, Duration limit);
  Async<bool> continue_expected();

  HttpServer& server_;
  Socket socket_;
  Peer peer_;
  Exchange exchange_;
  std::optional<RequestParser> parser_;
  std::unique_ptr<char[]> buffer_;  // begins with the request's header: views of it stay valid
  std::size_t filled_ = 0;          // bytes read into buffer_
  std::size_t parsed_ = 0;          // of them, given to the parser
  std::size_t header_end_ = 0;      // body bytes are read over from here
  State state_ = State::need_more;
  std::string out_;
  std::size_t sent_ = 0;
  std::uint64_t body_limit_ = 0;
  std::uint64_t body_bytes_ = 0;
  std::uint64_t answer_bytes_ = 0;
  Duration body_started_{};
  Phase phase_ = Phase::idle;
  Duration deadline_{};
  bool overdue_ = false;
  bool keep_alive_ = true;
  bool continue_sent_ = false;
};

}  // namespace auterity::api
