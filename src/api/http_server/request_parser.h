#pragma once
// Bytes to a Request by Beast's basic_parser (RFC 9112), without copying or allocating: field views
// point into the buffer it is fed from, which must not move before clear(). Stricter than the
// library where leniency lets requests be smuggled past a proxy: exactly one Host in HTTP/1.1, no
// transfer coding but "chunked", no folded lines, trailers ignored.
#include <boost/beast/http/basic_parser.hpp>
#include <cstddef>
#include <span>

#include "api/http_server/request.h"

namespace auterity::api {

class RequestParser final : private boost::beast::http::basic_parser<true> {
 public:
  RequestParser(Request& request, std::size_t header_limit);

  enum class State { need_more, header_complete, complete, failed };
  // Feeds bytes that follow those consumed before. `consumed` says how many were used; stops after
  // the header and after each piece of body, which piece() then shows.
  State feed(std::span<const char> bytes, std::size_t& consumed);

  // After `failed`: 400, 413, 431, and why.
  int status() const { return status_; }
  std::string_view reason() const { return reason_; }

  bool has_body() const { return !is_done(); }
  bool keeps_alive() const { return keep_alive(); }
  std::optional<std::uint64_t> length() const;
  // For chunked bodies; call after the header. Over it: failed with 413.
  void limit_body(std::uint64_t bytes) { body_limit(bytes); }
  std::string_view piece() const { return piece_; }
  void forget_piece() { piece_ = {}; }

 private:
  using error_code = boost::beast::error_code;
  using text_view = boost::beast::string_view;
  void on_request_impl(boost::beast::http::verb verb, text_view method, text_view target,
                       int version, error_code& error) override;
  void on_response_impl(int, text_view, int, error_code&) override {}
  void on_field_impl(boost::beast::http::field name, text_view name_text, text_view value,
                     error_code& error) override;
  void on_header_impl(error_code& error) override;
  void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code&) override {}
  std::size_t on_body_impl(text_view body, error_code& error) override;
  void on_chunk_header_impl(std::uint64_t, text_view, error_code&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, text_view body, error_code& error) override;
  void on_finish_impl(error_code&) override {}
  void refuse(int status, std::string_view reason, error_code& error);

  Request& request_;
  std::size_t header_limit_;
  std::size_t header_bytes_ = 0;
  std::span<const char> window_;
  std::string_view piece_;
  int hosts_ = 0;
  int status_ = 400;
  std::string_view reason_;
};

}  // namespace auterity::api
