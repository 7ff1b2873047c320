#include "core/error.h"

#include <array>
#include <cassert>

namespace auterity {
namespace {

struct Row {
  ErrorKind kind;
  ErrorKindFacts facts;
};

// kind, {name, title, HTTP status, exit code, retryable}
constexpr std::array kTable{
    Row{ErrorKind::failed, {"failed", "The request could not be carried out", 422, 1, false}},
    Row{ErrorKind::invalid_input, {"invalid_input", "Invalid input", 400, 2, false}},
    Row{ErrorKind::unauthenticated, {"unauthenticated", "Not signed in", 401, 3, false}},
    Row{ErrorKind::forbidden, {"forbidden", "Not allowed", 403, 3, false}},
    Row{ErrorKind::not_found, {"not_found", "Not found", 404, 4, false}},
    Row{ErrorKind::conflict, {"conflict", "Conflict", 409, 5, false}},
    Row{ErrorKind::too_large, {"too_large", "Too large", 413, 2, false}},
    Row{ErrorKind::rate_limited, {"rate_limited", "Too many requests", 429, 75, true}},
    Row{ErrorKind::not_ready, {"not_ready", "Not ready", 503, 6, true}},
    Row{ErrorKind::unavailable, {"unavailable", "Service unavailable", 503, 69, true}},
    Row{ErrorKind::timeout, {"timeout", "Timed out", 504, 69, true}},
    Row{ErrorKind::storage_full, {"storage_full", "Storage is full", 507, 69, true}},
    Row{ErrorKind::try_again, {"try_again", "Try again", 503, 75, true}},
    Row{ErrorKind::cancelled, {"cancelled", "Cancelled", 499, 130, false}},
    Row{ErrorKind::internal, {"internal", "Internal error", 500, 70, false}},
};

}  // namespace

const ErrorKindFacts& facts(ErrorKind kind) {
  for (const Row& row : kTable)
    if (row.kind == kind) return row.facts;
  assert(false && "every ErrorKind has a row");
  return kTable.back().facts;
}

Error Error::within(std::string_view what) && {
  message.insert(0, std::string(what) + ": ");
  return std::move(*this);
}

std::unexpected<Error> fail(ErrorKind kind, std::string message, std::string hint) {
  return std::unexpected(Error{kind, std::move(message), std::move(hint)});
}

}  // namespace auterity
