#pragma once
// Errors as values. A kind says what the caller should do next; the one table in error.cpp turns it
// into an HTTP status, an exit code and a retry verdict, so that no caller decides by matching
// text. Functions whose failure a caller branches on return Result<T>; exceptions are for bugs and
// are caught at the HTTP boundary, a task's run, a step's run, a background loop and main alone.
#include <expected>
#include <string>
#include <string_view>
#include <utility>

namespace auterity {

enum class ErrorKind {
  failed,           // the thing asked for was tried and did not succeed
  invalid_input,    // the caller must change what it sent
  unauthenticated,  // sign in first
  forbidden,        // signed in, but not allowed
  not_found,
  conflict,      // locked, already exists, changed meanwhile
  too_large,     // over a documented limit
  rate_limited,  // wait and try again
  not_ready,     // a prerequisite is missing; the hint says which
  unavailable,   // a service does not answer; retrying may help
  timeout,       // a deadline passed
  storage_full,  // no space left where data is kept
  try_again,     // lost a race; repeat at once
  cancelled,     // interrupted on purpose
  internal,      // a bug; report it
};

// One row per kind; see error.cpp.
struct ErrorKindFacts {
  std::string_view name;   // "not_found"; stable, used in logs and problem types
  std::string_view title;  // "Not found"
  int http_status;
  int exit_code;  // CONTRACT section 2
  bool retryable;
};
const ErrorKindFacts& facts(ErrorKind kind);

struct Error {
  ErrorKind kind = ErrorKind::internal;
  std::string message;  // lower case, what happened, no trailing full stop, no secret
  std::string hint;     // what to do about it; never empty when shown to a person

  // Puts what was being done in front: "reading config.yml: no such file".
  Error within(std::string_view what) &&;
};

template <typename T>
using Result = std::expected<T, Error>;
using Status = Result<void>;

// return fail(ErrorKind::not_found, "no workflow named x", "list them with: auterity ...");
[[nodiscard]] std::unexpected<Error> fail(ErrorKind kind, std::string message,
                                          std::string hint = {});

}  // namespace auterity

// AUTERITY_TRY(value, expression): binds the value of a Result or returns its error. In coroutines
// use AUTERITY_CO_TRY. Both declare `value` in the enclosing scope.
#define AUTERITY_TRY_JOIN2(a, b) a##b
#define AUTERITY_TRY_JOIN(a, b) AUTERITY_TRY_JOIN2(a, b)
#define AUTERITY_TRY_AS(ret, value, expression, tmp) \
  auto tmp = (expression);                           \
  if (!tmp) [[unlikely]]                             \
    ret std::unexpected(std::move(tmp).error());     \
  auto value = std::move(*tmp)
#define AUTERITY_TRY(value, expression) \
  AUTERITY_TRY_AS(return, value, expression, AUTERITY_TRY_JOIN(try_result_, __LINE__))
#define AUTERITY_CO_TRY(value, expression) \
  AUTERITY_TRY_AS(co_return, value, expression, AUTERITY_TRY_JOIN(try_result_, __LINE__))
// The same for results whose value is void or not wanted.
#define AUTERITY_CHECK_AS(ret, expression, tmp)    \
  do {                                             \
    auto tmp = (expression);                       \
    if (!tmp) [[unlikely]]                         \
      ret std::unexpected(std::move(tmp).error()); \
  } while (false)
#define AUTERITY_CHECK(expression) \
  AUTERITY_CHECK_AS(return, expression, AUTERITY_TRY_JOIN(check_result_, __LINE__))
#define AUTERITY_CO_CHECK(expression) \
  AUTERITY_CHECK_AS(co_return, expression, AUTERITY_TRY_JOIN(check_result_, __LINE__))
