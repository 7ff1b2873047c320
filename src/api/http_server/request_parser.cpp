#include "api/http_server/request_parser.h"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/error.hpp>

namespace auterity::api {
namespace http = boost::beast::http;
namespace {

// The parser asserts that the end of a chunked body arrives in pieces of at least this size, and
// any rest of one is.
constexpr std::size_t kSmallestChunkTail = 5;
constexpr std::size_t kMaxHeaders = 100;

std::string_view view(boost::beast::string_view text) { return {text.data(), text.size()}; }

struct Refusal {
  int status;
  std::string_view reason;
};

Refusal refusal_of(const boost::beast::error_code& error) {
  if (error == http::error::header_limit) return {431, "the request header is too large"};
  if (error == http::error::body_limit) return {413, "the request body is too large"};
  if (error == http::error::bad_version)
    return {400, "the request line is not HTTP/1.0 or HTTP/1.1"};
  if (error == http::error::bad_chunk || error == http::error::bad_chunk_extension)
    return {400, "the chunked body is malformed"};
  if (error == http::error::bad_content_length || error == http::error::multiple_content_length)
    return {400, "the Content-Length header is malformed or contradicts another"};
  if (error == http::error::bad_transfer_encoding)
    return {400, "the Transfer-Encoding header is malformed or contradicts another"};
  return {400, "the request is not well-formed HTTP"};
}

}  // namespace

RequestParser::RequestParser(Request& request, std::size_t limit)
    : request_(request), header_limit_(limit) {
  header_limit(static_cast<std::uint32_t>(limit));
  body_limit(boost::none);
  eager(false);
}

std::optional<std::uint64_t> RequestParser::length() const {
  const auto length = content_length();
  if (!length) return std::nullopt;
  return *length;
}

RequestParser::State RequestParser::feed(std::span<const char> bytes, std::size_t& consumed) {
  consumed = 0;
  piece_ = {};
  const bool had_header = is_header_done();
  while (true) {
    if (is_header_done() && chunked() && bytes.size() - consumed < kSmallestChunkTail)
      return State::need_more;
    window_ = bytes.subspan(consumed);
    error_code error;
    const std::size_t used = put(boost::asio::const_buffer(window_.data(), window_.size()), error);
    consumed += used;
    if (!is_header_done()) header_bytes_ += used;
    if (error == http::error::need_more) {
      if (is_header_done() || header_bytes_ + window_.size() - used < header_limit_)
        return State::need_more;
      error = http::error::header_limit;
    }
    if (error) {
      if (reason_.empty()) {
        const Refusal refusal = refusal_of(error);
        status_ = refusal.status;
        reason_ = refusal.reason;
      }
      return State::failed;
    }
    if (!had_header && is_header_done()) return State::header_complete;
    if (is_done()) return State::complete;
    if (!piece_.empty() || consumed == bytes.size()) return State::need_more;
  }
}

void RequestParser::on_request_impl(http::verb, text_view method, text_view target, int version,
                                    error_code& error) {
  request_.method = api::parse_method(view(method));
  request_.target = view(target);
  request_.version = version;
  if (request_.target.empty() || request_.target.front() != '/') {
    // An absolute form is for proxies, "*" for servers as a whole: neither names a resource of
    // ours.
    refuse(400, "the request target must begin with a slash", error);
    return;
  }
  const std::size_t question = request_.target.find('?');
  request_.path = request_.target.substr(0, question);
  if (question != std::string_view::npos) request_.query = request_.target.substr(question + 1);
}

void RequestParser::on_field_impl(http::field name, text_view name_text, text_view value,
                                  error_code& error) {
  if (is_header_done()) return;
  if (name == http::field::host) ++hosts_;
  if (name == http::field::transfer_encoding && !equals_without_case(view(value), "chunked")) {
    refuse(400, "the only transfer coding understood is chunked", error);
    return;
  }
  if (request_.headers.size() == kMaxHeaders) {
    refuse(431, "the request has too many header fields", error);
    return;
  }
  const bool folded = !value.empty() && (value.data() < window_.data() ||
                                         value.data() > window_.data() + window_.size());
  if (folded) {
    refuse(400, "folded header lines are not accepted", error);
    return;
  }
  request_.headers.push_back({view(name_text), view(value)});
}

void RequestParser::on_header_impl(error_code& error) {
  if (request_.version == 11 && hosts_ != 1)
    refuse(400, "exactly one Host header is required", error);
}

std::size_t RequestParser::on_body_impl(text_view body, error_code&) {
  piece_ = view(body);
  return body.size();
}

std::size_t RequestParser::on_chunk_body_impl(std::uint64_t, text_view body, error_code&) {
  piece_ = view(body);
  return body.size();
}

void RequestParser::refuse(int status, std::string_view reason, error_code& error) {
  status_ = status;
  reason_ = reason;
  error = http::error::bad_value;
}

}  // namespace auterity::api
