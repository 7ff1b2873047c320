#include "data/postgres/connect_parameters.h"

#include <fmt/format.h>
#include <libpq-fe.h>

#include <boost/asio/ip/address.hpp>
#include <chrono>
#include <memory>

namespace auterity::data {
namespace {

// The server looks this often whether the client of a running statement is still there, so that a
// cancelled or killed caller's statement does not run on. (client_connection_check_interval,
// PostgreSQL 14 and later.)
constexpr auto kClientCheckInterval = std::chrono::seconds(1);

// Every statement is prepared and has one shape, so it is planned once a connection and not for
// each set of values; on partitioned tables planning costs more than running.
std::string session_settings(const DatabaseOptions& options) {
  const auto milliseconds = [](Duration duration) {
    return std::chrono::duration_cast<std::chrono::milliseconds>(duration).count();
  };
  return fmt::format(
      "-c timezone=UTC -c datestyle=ISO -c plan_cache_mode=force_generic_plan "
      "-c statement_timeout={} "
      "-c client_connection_check_interval={}",
      milliseconds(options.statement_timeout), milliseconds(kClientCheckInterval));
}

void set_if_absent(ConnectParameters& parameters, std::string_view keyword, std::string value) {
  if (parameters.value(keyword).empty()) parameters.set(keyword, std::move(value));
}

}  // namespace

Result<ConnectParameters> ConnectParameters::from(const DatabaseOptions& options) {
  char* message = nullptr;
  const std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> parsed(
      PQconninfoParse(options.url.c_str(), &message), PQconninfoFree);
  PQfreemem(message);  // repeats the URL, and with it the password
  if (!parsed) {
    return fail(ErrorKind::invalid_input, "the database URL cannot be read",
                "write it as postgresql://user:password@host:port/database, special characters of "
                "the password percent-encoded");
  }
  ConnectParameters parameters;
  for (const auto* option = parsed.get(); option->keyword; ++option) {
    if (option->val) parameters.set(option->keyword, option->val);
  }
  set_if_absent(parameters, "application_name", options.application_name);
  set_if_absent(parameters, "gssencmode", "disable");  // saves a failing first attempt
  set_if_absent(parameters, "keepalives_idle", "10");
  set_if_absent(parameters, "keepalives_interval", "5");
  set_if_absent(parameters, "keepalives_count", "3");
  set_if_absent(parameters, "tcp_user_timeout", "20000");
  parameters.set("client_encoding", "UTF8");
  auto settings = parameters.value("options");
  if (!settings.empty()) settings += ' ';
  parameters.set("options", settings + session_settings(options));
  return parameters;
}

const std::string& ConnectParameters::value(std::string_view keyword) const {
  static const std::string absent;
  for (const auto& [key, value] : values_) {
    if (key == keyword) return value;
  }
  return absent;
}

void ConnectParameters::set(std::string_view keyword, std::string value) {
  for (auto& [key, old] : values_) {
    if (key != keyword) continue;
    old = std::move(value);
    return;
  }
  values_.emplace_back(keyword, std::move(value));
}

std::string ConnectParameters::host_to_resolve() const {
  const auto& host = value("host");
  // A list of hosts is left to libpq: it tries them in turn, which a looked-up list would break.
  if (host.empty() || host.front() == '/' || host.front() == '@' || host.contains(',')) return {};
  if (!value("hostaddr").empty()) return {};
  boost::system::error_code error;
  boost::asio::ip::make_address(host, error);
  return error ? host : std::string();
}

ConnectParameters::Arrays ConnectParameters::arrays() const {
  Arrays arrays;
  for (const auto& [keyword, value] : values_) {
    arrays.keywords.push_back(keyword.c_str());
    arrays.values.push_back(value.c_str());
  }
  arrays.keywords.push_back(nullptr);
  arrays.values.push_back(nullptr);
  return arrays;
}

}  // namespace auterity::data
