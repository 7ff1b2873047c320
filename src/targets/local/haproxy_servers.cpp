#include "targets/local/haproxy_servers.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "targets/local/haproxy_admin.h"
#include "targets/local/traffic_split.h"

namespace auterity::local {
namespace {

constexpr std::string_view kShowServers = "show stat api 4 -1";  // 4: servers; -1: all

std::vector<std::string_view> fields_of(std::string_view line) {
  std::vector<std::string_view> fields;
  for (;;) {
    const std::size_t comma = line.find(',');
    fields.push_back(line.substr(0, comma));
    if (comma == std::string_view::npos) return fields;
    line.remove_prefix(comma + 1);
  }
}

std::string_view take_line(std::string_view& text) {
  const std::size_t end = std::min(text.find('\n'), text.size());
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return line;
}

int number(std::string_view text) {
  int value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

struct Columns {
  std::size_t name, status, weight, requests;
};

Result<Columns> columns_of(std::string_view header) {
  const auto names = fields_of(header);
  const auto at = [&](std::string_view name) {
    return static_cast<std::size_t>(std::ranges::find(names, name) - names.begin());
  };
  const Columns columns{at("svname"), at("status"), at("uweight"), at("scur")};
  if (std::max({columns.name, columns.status, columns.weight, columns.requests}) >= names.size())
    return fail(ErrorKind::failed, "HAProxy's statistics lack svname, status, uweight or scur",
                "HAProxy 2.6 or newer is needed: haproxy -v");
  return columns;
}

bool has_place(const Pool& pool, std::string_view server) {
  const auto names = pool.api_names();
  return std::ranges::find(names, server) != names.end();
}

// One command for a server whose weight or state differs.
std::string command_for(const BalancerServer& server, int weight, bool wanted) {
  std::string command;
  if (server.weight != weight) command = fmt::format("set weight api/{} {}", server.name, weight);
  if (server.in_maintenance() == wanted)
    command += fmt::format("{}set server api/{} state {}", command.empty() ? "" : "; ", server.name,
                           wanted ? "ready" : "maint");
  return command;
}

}  // namespace

Result<std::vector<BalancerServer>> parse_servers(std::string_view csv) {
  std::string_view header = take_line(csv);
  if (!header.starts_with("# "))
    return fail(ErrorKind::failed, fmt::format("HAProxy answered: {}", header),
                "see its log, and: auterity status");
  header.remove_prefix(2);
  AUTERITY_TRY(columns, columns_of(header));
  std::vector<BalancerServer> servers;
  while (!csv.empty()) {
    const auto fields = fields_of(take_line(csv));
    if (fields.size() <= std::max({columns.name, columns.status, columns.weight, columns.requests}))
      continue;
    servers.push_back({std::string(fields[columns.name]), std::string(fields[columns.status]),
                       number(fields[columns.weight]), number(fields[columns.requests])});
  }
  return servers;
}

Async<Result<std::vector<BalancerServer>>> find_servers(Clock& clock, const Platform& platform) {
  AUTERITY_CO_TRY(answer, co_await haproxy_command(clock, platform.layout.socket("haproxy-admin"),
                                                   std::string(kShowServers)));
  co_return parse_servers(answer);
}

std::vector<std::string> split_commands(const Platform& platform,
                                        const std::vector<BalancerServer>& servers) {
  const auto weights = server_weights(platform.pools);
  std::vector<std::string> growing;
  std::vector<std::string> shrinking;
  for (const BalancerServer& server : servers) {
    const Pool* pool = platform.find_pool(parse_member(server.name).colour);
    const bool wanted = pool != nullptr && has_place(*pool, server.name);
    const int weight = wanted ? weights.find(pool->colour)->second : 0;
    std::string command = command_for(server, weight, wanted);
    if (command.empty()) continue;
    const bool grows = wanted && (weight > server.weight || server.in_maintenance());
    (grows ? growing : shrinking).push_back(std::move(command));
  }
  growing.insert(growing.end(), shrinking.begin(), shrinking.end());
  return growing;
}

Async<Status> apply_split(Clock& clock, Platform platform) {
  AUTERITY_CO_TRY(servers, co_await find_servers(clock, platform));
  const auto commands = split_commands(platform, servers);
  if (commands.empty()) co_return Status{};
  AUTERITY_CO_TRY(answer, co_await haproxy_command(clock, platform.layout.socket("haproxy-admin"),
                                                   fmt::format("{}", fmt::join(commands, "; "))));
  // Silence is consent: a command that was refused answers with a line.
  std::erase(answer, '\n');
  if (answer.empty()) co_return Status{};
  co_return fail(ErrorKind::failed, "HAProxy refused new weights: " + answer,
                 "auterity up writes its configuration anew");
}

}  // namespace auterity::local
