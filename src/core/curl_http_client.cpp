#include "core/curl_http_client.h"

#include <curl/curl.h>
#include <fmt/format.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cassert>
#include <map>

#include "core/address_policy.h"
#include "core/redirects.h"

namespace auterity {
namespace {

namespace asio = boost::asio;

struct EasyDeleter {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};
struct ListDeleter {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};

// One request under way: what curl's callbacks fill, and the timer that wakes the waiting
// coroutine.
struct Exchange {
  Exchange(Executor executor, const HttpRequest& wanted)
      : request(wanted), done(executor, asio::steady_timer::time_point::max()) {}

  const HttpRequest& request;
  HttpResponse response;
  std::unique_ptr<CURL, EasyDeleter> easy{curl_easy_init()};
  std::unique_ptr<curl_slist, ListDeleter> headers;
  asio::steady_timer done;  // cancelled when curl reports the end
  bool finished = false;
  CURLcode code = CURLE_OK;
  bool refused_address = false;
  bool too_large = false;
};

std::size_t on_body(char* data, std::size_t, std::size_t size, void* user) {
  auto& exchange = *static_cast<Exchange*>(user);
  if (exchange.response.body.size() + size > exchange.request.max_response_bytes) {
    exchange.too_large = true;
    return 0;  // anything but `size` ends the transfer
  }
  exchange.response.body.append(data, size);
  return size;
}

std::size_t on_header(char* data, std::size_t, std::size_t size, void* user) {
  auto& exchange = *static_cast<Exchange*>(user);
  std::string_view line(data, size);
  if (line.starts_with("HTTP/"))
    exchange.response.headers.clear();  // a new hop, or after 100 Continue
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos) return size;
  std::string name(line.substr(0, colon));
  std::string_view value = line.substr(colon + 1);
  while (!value.empty() && (value.front() == ' ' || value.front() == '\t')) value.remove_prefix(1);
  while (!value.empty() && std::isspace(static_cast<unsigned char>(value.back())))
    value.remove_suffix(1);
  exchange.response.headers.emplace_back(std::move(name), value);
  return size;
}

curl_socket_t on_open_socket(void* user, curlsocktype, curl_sockaddr* address) {
  auto& exchange = *static_cast<Exchange*>(user);
  if (!exchange.request.allow_link_local && is_link_local(address->addr)) {
    exchange.refused_address = true;
    return CURL_SOCKET_BAD;
  }
  return ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

template <typename Value>
void set(Exchange& exchange, CURLoption option, Value value) {
  [[maybe_unused]] const CURLcode code = curl_easy_setopt(exchange.easy.get(), option, value);
  assert(code == CURLE_OK);
}

void set_method(Exchange& exchange) {
  const HttpRequest& request = exchange.request;
  if (request.method == "HEAD") {
    set(exchange, CURLOPT_NOBODY, 1L);
    return;
  }
  if (!request.body.empty() || request.method == "POST" || request.method == "PUT" ||
      request.method == "PATCH") {
    set(exchange, CURLOPT_POSTFIELDS, request.body.data());
    set(exchange, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
  }
  set(exchange, CURLOPT_CUSTOMREQUEST, request.method.c_str());
}

void set_headers(Exchange& exchange) {
  curl_slist* list = nullptr;
  for (const auto& [name, value] : exchange.request.headers)
    // "Name;" is curl's spelling of a header without a value.
    list = curl_slist_append(list,
                             value.empty() ? (name + ";").c_str() : (name + ": " + value).c_str());
  // curl adds these two by itself for bodies; a caller that wants them says so.
  list = curl_slist_append(list, "Expect:");
  if (find_header(exchange.request.headers, "content-type") == nullptr)
    list = curl_slist_append(list, "Content-Type:");
  exchange.headers.reset(list);
  set(exchange, CURLOPT_HTTPHEADER, list);
}

bool has_control_characters(std::string_view text) {
  return std::ranges::any_of(text, [](unsigned char c) { return c < 0x20 || c == 0x7f; });
}

Status check(const HttpRequest& request) {
  if (!request.url.starts_with("http://") && !request.url.starts_with("https://"))
    return fail(ErrorKind::invalid_input, "the address does not begin with http:// or https://",
                "write an absolute http or https URL");
  if (has_control_characters(request.url) || request.url.find(' ') != std::string::npos)
    return fail(ErrorKind::invalid_input, "the address holds a space or a control character",
                "percent-encode it");
  for (const auto& [name, value] : request.headers)
    if (name.empty() || has_control_characters(name) ||
        name.find_first_of(":; ") != std::string::npos || has_control_characters(value))
      return fail(ErrorKind::invalid_input,
                  "a header name or value holds a character that HTTP forbids",
                  "remove line breaks and control characters from it");
  return {};
}

Error to_error(const Exchange& exchange) {
  if (exchange.refused_address)
    return {ErrorKind::forbidden, "the address is link-local; calls to it are refused",
            "call a service by its public or private address"};
  if (exchange.too_large)
    return {ErrorKind::too_large,
            fmt::format("the response has more than {} bytes", exchange.request.max_response_bytes),
            "ask the service for less at once"};
  const std::string reason = curl_easy_strerror(exchange.code);
  switch (exchange.code) {
    case CURLE_OPERATION_TIMEDOUT:
      return {ErrorKind::timeout, "the service did not answer in time",
              "raise the timeout, or check the service"};
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL:
      return {ErrorKind::invalid_input, "the address is not a valid http or https URL: " + reason,
              "correct the address"};
    default:
      return {ErrorKind::unavailable, "the call failed: " + reason,
              "check that the service runs and can be reached from here"};
  }
}

class CurlHttpClient final : public HttpClient {
 public:
  CurlHttpClient(Executor executor, CurlOptions options)
      : executor_(std::move(executor)), options_(std::move(options)), timer_(executor_) {
    curl_multi_setopt(multi_, CURLMOPT_SOCKETFUNCTION, &CurlHttpClient::on_socket);
    curl_multi_setopt(multi_, CURLMOPT_SOCKETDATA, this);
    curl_multi_setopt(multi_, CURLMOPT_TIMERFUNCTION, &CurlHttpClient::on_timer);
    curl_multi_setopt(multi_, CURLMOPT_TIMERDATA, this);
    curl_multi_setopt(multi_, CURLMOPT_MAX_TOTAL_CONNECTIONS, options_.max_connections);
    curl_multi_setopt(multi_, CURLMOPT_MAX_HOST_CONNECTIONS, options_.max_connections_a_host);
  }

  ~CurlHttpClient() override {
    assert(running_ == 0 && "destroyed with an exchange under way");
    *alive_ = false;
    curl_multi_cleanup(multi_);
  }

  Async<Result<HttpResponse>> send(HttpRequest request) override {
    for (int followed = 0;; ++followed) {
      AUTERITY_CO_TRY(hop, co_await exchange_once(request));
      AUTERITY_CO_TRY(next, next_hop(request, hop.response, followed));
      if (!next) co_return std::move(hop.response);
      request = std::move(*next);
      request.timeout -= hop.taken;  // the limit is on all hops together
    }
  }

 private:
  struct Hop {
    HttpResponse response;
    Duration taken{};
  };

  Async<Result<Hop>> exchange_once(const HttpRequest& request) {
    AUTERITY_CO_CHECK(check(request));
    Exchange exchange(executor_, request);
    prepare(exchange);
    Running running(*this, exchange);  // removes the handle however this coroutine ends
    boost::system::error_code ignored;
    co_await exchange.done.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    if (!exchange.finished) throw boost::system::system_error(asio::error::operation_aborted);
    if (exchange.code != CURLE_OK) co_return std::unexpected(to_error(exchange));
    long status = 0;
    curl_off_t taken_us = 0;
    curl_easy_getinfo(exchange.easy.get(), CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(exchange.easy.get(), CURLINFO_TOTAL_TIME_T, &taken_us);
    exchange.response.status = static_cast<int>(status);
    exchange.response.url = request.url;
    co_return Hop{std::move(exchange.response), Duration(taken_us)};
  }

  class Running {
   public:
    Running(CurlHttpClient& client, Exchange& exchange) : client_(client), exchange_(exchange) {
      ++client_.running_;
      curl_multi_add_handle(client_.multi_, exchange_.easy.get());
    }
    Running(const Running&) = delete;
    Running& operator=(const Running&) = delete;
    ~Running() {
      curl_multi_remove_handle(client_.multi_, exchange_.easy.get());
      --client_.running_;
    }

   private:
    CurlHttpClient& client_;
    Exchange& exchange_;
  };

  // A socket that curl wants watched. The descriptor is a duplicate, so that curl may close its own
  // at any moment.
  struct Watch {
    Watch(Executor executor, int descriptor) : stream(executor, ::dup(descriptor)) {}
    asio::posix::stream_descriptor stream;
    int wanted = 0;  // CURL_POLL_IN, _OUT, _INOUT
    bool waiting_read = false, waiting_write = false;
  };

  void prepare(Exchange& exchange) {
    const HttpRequest& request = exchange.request;
    set(exchange, CURLOPT_URL, request.url.c_str());
    set(exchange, CURLOPT_PROTOCOLS_STR, "http,https");
    set(exchange, CURLOPT_FOLLOWLOCATION, 0L);  // next_hop() decides
    set(exchange, CURLOPT_TIMEOUT_MS, in_milliseconds(request.timeout));
    set(exchange, CURLOPT_CONNECTTIMEOUT_MS, in_milliseconds(options_.connect_timeout));
    set(exchange, CURLOPT_NOSIGNAL, 1L);
    set(exchange, CURLOPT_ACCEPT_ENCODING, "");
    set(exchange, CURLOPT_USERAGENT, options_.user_agent.c_str());
    set(exchange, CURLOPT_PROXY, "");  // never an ambient proxy from the environment
    if (!request.unix_socket.empty())
      set(exchange, CURLOPT_UNIX_SOCKET_PATH, request.unix_socket.c_str());
    set(exchange, CURLOPT_WRITEFUNCTION, &on_body);
    set(exchange, CURLOPT_WRITEDATA, &exchange);
    set(exchange, CURLOPT_HEADERFUNCTION, &on_header);
    set(exchange, CURLOPT_HEADERDATA, &exchange);
    set(exchange, CURLOPT_OPENSOCKETFUNCTION, &on_open_socket);
    set(exchange, CURLOPT_OPENSOCKETDATA, &exchange);
    set(exchange, CURLOPT_PRIVATE, &exchange);
    set_method(exchange);
    set_headers(exchange);
  }

  static long in_milliseconds(Duration duration) {
    return std::max<long>(1, std::chrono::ceil<std::chrono::milliseconds>(duration).count());
  }

  static int on_timer(CURLM*, long timeout_ms, void* user) {
    auto& self = *static_cast<CurlHttpClient*>(user);
    self.timer_.cancel();
    if (timeout_ms < 0) return 0;
    self.timer_.expires_after(std::chrono::milliseconds(timeout_ms));
    self.timer_.async_wait([&self, alive = self.alive_](boost::system::error_code error) {
      if (!error && *alive) self.act(CURL_SOCKET_TIMEOUT, 0);
    });
    return 0;
  }

  static int on_socket(CURL*, curl_socket_t socket, int what, void* user, void*) {
    auto& self = *static_cast<CurlHttpClient*>(user);
    if (what == CURL_POLL_REMOVE) {
      if (const auto found = self.watches_.find(socket); found != self.watches_.end()) {
        boost::system::error_code ignored;
        found->second->stream.close(ignored);  // ends the waits, which hold the watch
        self.watches_.erase(found);
      }
      return 0;
    }
    auto& watch = self.watches_[socket];
    if (!watch) watch = std::make_shared<Watch>(self.executor_, socket);
    watch->wanted = what;
    self.wait(socket, watch);
    return 0;
  }

  void wait(curl_socket_t socket, const std::shared_ptr<Watch>& watch) {
    if ((watch->wanted & CURL_POLL_IN) != 0 && !watch->waiting_read)
      wait_for(socket, watch, asio::posix::stream_descriptor::wait_read, watch->waiting_read,
               CURL_CSELECT_IN);
    if ((watch->wanted & CURL_POLL_OUT) != 0 && !watch->waiting_write)
      wait_for(socket, watch, asio::posix::stream_descriptor::wait_write, watch->waiting_write,
               CURL_CSELECT_OUT);
  }

  void wait_for(curl_socket_t socket, const std::shared_ptr<Watch>& watch,
                asio::posix::stream_descriptor::wait_type type, bool& waiting, int event) {
    waiting = true;
    watch->stream.async_wait(type, [this, alive = alive_, socket, watch, &waiting,
                                    event](boost::system::error_code error) {
      waiting = false;
      if (!*alive || error == asio::error::operation_aborted) return;
      // curl may have dropped this socket, and even be using its number for another one, since the
      // wait began.
      const auto current = watches_.find(socket);
      if (current == watches_.end() || current->second != watch) return;
      act(socket, error ? CURL_CSELECT_ERR : event);
      const auto after = watches_.find(socket);
      if (after != watches_.end() && after->second == watch) wait(socket, watch);
    });
  }

  void act(curl_socket_t socket, int events) {
    int still_running = 0;
    curl_multi_socket_action(multi_, socket, events, &still_running);
    int left = 0;
    while (CURLMsg* message = curl_multi_info_read(multi_, &left)) {
      if (message->msg != CURLMSG_DONE) continue;
      void* user = nullptr;
      const CURLcode code = message->data.result;
      curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &user);
      auto& exchange = *static_cast<Exchange*>(user);
      exchange.finished = true;
      exchange.code = code;
      exchange.done.cancel();
    }
  }

  Executor executor_;
  CurlOptions options_;
  CURLM* multi_ = curl_multi_init();
  asio::steady_timer timer_;
  std::map<curl_socket_t, std::shared_ptr<Watch>> watches_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
  int running_ = 0;
};

}  // namespace

std::unique_ptr<HttpClient> make_curl_http_client(Executor executor, CurlOptions options) {
  static const CURLcode initialised = curl_global_init(CURL_GLOBAL_DEFAULT);
  assert(initialised == CURLE_OK);
  return std::make_unique<CurlHttpClient>(std::move(executor), std::move(options));
}

}  // namespace auterity
