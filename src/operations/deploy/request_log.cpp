#include "operations/deploy/request_log.h"

#include <boost/json.hpp>

#include "core/json.h"

namespace auterity::operations {
namespace {

double number_or(const Json* value, double fallback) {
  if (value == nullptr || !value->is_number()) return fallback;
  return value->to_number<double>();
}

}  // namespace

bool RequestRecord::client_gave_up() const {
  return !termination.empty() && (termination[0] == 'C' || termination[0] == 'c');
}

bool RequestRecord::server_failed() const {
  if (client_gave_up()) return false;
  if (status >= 500) return true;
  // S: the server ended or refused the connection; s: it was too slow. After a whole answer both
  // are "-".
  return !termination.empty() && (termination[0] == 'S' || termination[0] == 's');
}

std::optional<RequestRecord> parse_request_line(std::string_view line) {
  if (line.empty() || line.front() != '{') return std::nullopt;
  const auto parsed = parse_json(line);
  if (!parsed || !parsed->is_object()) return std::nullopt;
  const Json* accepted_ms = find_member(*parsed, "accepted_ms");
  const std::string_view server = string_or(find_member(*parsed, "server"), "");
  if (accepted_ms == nullptr || server.empty()) return std::nullopt;
  RequestRecord record;
  record.accepted_at =
      Time(std::chrono::milliseconds(static_cast<std::int64_t>(number_or(accepted_ms, 0))));
  record.server = server;
  record.request_id = string_or(find_member(*parsed, "request_id"), "");
  record.status = static_cast<int>(number_or(find_member(*parsed, "status"), -1));
  record.response_ms = number_or(find_member(*parsed, "response_ms"), -1);
  record.termination = string_or(find_member(*parsed, "termination"), "");
  return record;
}

std::string_view pool_of(std::string_view server) {
  const auto end = server.find("-api-");
  return end == std::string_view::npos ? std::string_view() : server.substr(0, end);
}

}  // namespace auterity::operations
