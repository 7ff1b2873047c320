#include "operations/check/tls_certificate.h"

#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include <array>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/system/system_error.hpp>
#include <ctime>

namespace auterity::operations::check {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

// PostgreSQL's message formats: length 8, then the code of SSLRequest.
constexpr std::array<unsigned char, 8> kSslRequest{0, 0, 0, 8, 4, 210, 22, 47};

Time expiry_of(const X509* certificate) {
  std::tm broken_down{};
  ::ASN1_TIME_to_tm(::X509_get0_notAfter(certificate), &broken_down);
  return Time(std::chrono::seconds(::timegm(&broken_down)));
}

class TlsVisit {
 public:
  TlsVisit(Executor executor, Clock& clock, const TlsServer& server)
      : clock_(clock),
        server_(server),
        context_(asio::ssl::context::tls_client),
        stream_(executor, context_) {}

  Async<Result<std::optional<CertificateFacts>>> look() {
    AUTERITY_CO_CHECK(co_await connect());
    if (server_.postgres) {
      AUTERITY_CO_TRY(tls, co_await ask_for_tls());
      if (!tls && server_.may_lack_tls) co_return std::nullopt;
      if (!tls) co_return unknown("the server does without TLS");
    }
    AUTERITY_CO_CHECK(prepare());
    error_code error;
    co_await stream_.async_handshake(asio::ssl::stream_base::client,
                                     asio::redirect_error(asio::use_awaitable, error));
    AUTERITY_CO_CHECK(passed(error, "no secure connection"));
    co_return read();
  }

 private:
  std::unexpected<Error> unknown(std::string_view why) const {
    return fail(ErrorKind::unavailable, server_.where + ": " + std::string(why),
                "look at that certificate by hand");
  }
  Status passed(const error_code& error, std::string_view why) const {
    if (error == asio::error::operation_aborted) throw boost::system::system_error(error);
    if (error) return unknown(why);
    return {};
  }

  Async<Status> connect() {
    error_code error;
    auto token = asio::redirect_error(asio::use_awaitable, error);
    asio::ip::tcp::resolver resolver(stream_.get_executor());
    const auto found =
        co_await resolver.async_resolve(server_.host, std::to_string(server_.port), token);
    AUTERITY_CO_CHECK(passed(error, "the host has no address"));
    for (const auto& entry : found) {
      error_code ignored;
      stream_.next_layer().close(ignored);
      co_await stream_.next_layer().async_connect(entry.endpoint(), token);
      if (!error || error == asio::error::operation_aborted) break;
    }
    co_return passed(error, "no connection");
  }

  Async<Result<bool>> ask_for_tls() {
    error_code error;
    auto token = asio::redirect_error(asio::use_awaitable, error);
    co_await asio::async_write(stream_.next_layer(), asio::buffer(kSslRequest), token);
    AUTERITY_CO_CHECK(passed(error, "no connection"));
    char answer = 0;
    co_await asio::async_read(stream_.next_layer(), asio::buffer(&answer, 1), token);
    AUTERITY_CO_CHECK(passed(error, "no answer"));
    co_return answer == 'S';
  }

  // Whatever it shows, the handshake goes on: the outcome of the verification is asked afterwards.
  Status prepare() {
    error_code error;
    if (server_.ca_file.empty())
      context_.set_default_verify_paths(error);
    else
      context_.load_verify_file(server_.ca_file, error);
    if (error) return unknown("the authorities to check it by cannot be read");
    ::SSL* ssl = stream_.native_handle();
    ::SSL_set_verify(ssl, SSL_VERIFY_NONE, nullptr);
    X509_VERIFY_PARAM* rules = ::SSL_get0_param(ssl);
    ::X509_VERIFY_PARAM_set_time(
        rules,
        std::chrono::duration_cast<std::chrono::seconds>(clock_.now().time_since_epoch()).count());
    asio::ip::make_address(server_.host, error);
    const bool is_address = !error;
    if (!is_address) ::SSL_set_tlsext_host_name(ssl, server_.host.c_str());
    if (server_.checks_name && is_address)
      ::X509_VERIFY_PARAM_set1_ip_asc(rules, server_.host.c_str());
    else if (server_.checks_name)
      ::X509_VERIFY_PARAM_set1_host(rules, server_.host.c_str(), server_.host.size());
    return {};
  }

  Result<std::optional<CertificateFacts>> read() {
    ::SSL* ssl = stream_.native_handle();
    const STACK_OF(X509)* chain = ::SSL_get_peer_cert_chain(ssl);
    if (chain == nullptr || sk_X509_num(chain) == 0) return unknown("it shows no certificate");
    CertificateFacts facts{.where = server_.where,
                           .expires_at = expiry_of(sk_X509_value(chain, 0)),
                           .fault = {},
                           .must_be_trusted = server_.must_be_trusted};
    for (int place = 1; place < sk_X509_num(chain); ++place)
      facts.expires_at = std::min(facts.expires_at, expiry_of(sk_X509_value(chain, place)));
    const long outcome = ::SSL_get_verify_result(ssl);
    if (outcome != X509_V_OK && outcome != X509_V_ERR_CERT_HAS_EXPIRED)
      facts.fault = ::X509_verify_cert_error_string(outcome);
    return facts;
  }

  Clock& clock_;
  const TlsServer& server_;
  asio::ssl::context context_;
  asio::ssl::stream<asio::ip::tcp::socket> stream_;
};

}  // namespace

Async<Result<std::optional<CertificateFacts>>> fetch_certificate(Clock& clock, TlsServer server) {
  TlsVisit visit(co_await asio::this_coro::executor, clock, server);
  co_return co_await visit.look();
}

}  // namespace auterity::operations::check
