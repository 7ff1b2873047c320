#include "cli/status.h"

#include <fmt/format.h>

#include <ostream>

#include "cli/local_session.h"
#include "cli/operation_text.h"
#include "cli/output.h"
#include "core/moment.h"
#include "operations/local_status.h"

namespace auterity::cli {
namespace {

std::string backup_text(const Json& backup) {
  if (backup.is_null()) return "last backup: none; take one: auterity backup database\n";
  const auto member = [&](std::string_view name) {
    return string_or(find_member(backup, name), "");
  };
  const auto taken_at = parse_rfc3339(member("taken_at"));
  return fmt::format("last backup: {} of {}, {}\n", member("kind"),
                     taken_at ? moment(*taken_at) : "an unknown time", member("state"));
}

std::string requests_text(const std::vector<operations::PoolStatus>& pools) {
  std::string text = "requests:";
  for (const operations::PoolStatus& pool : pools)
    text += fmt::format("{} {} ({}) {} %", &pool == &pools.front() ? "" : ",", pool.colour,
                        pool.version, pool.percent);
  return text + "\n";
}

std::string shipping_text(const operations::PlatformStatus& status) {
  if (!status.log_shipping) return "";
  const auto& shipping = *status.log_shipping;
  const auto behind = operations::backup::behind(shipping, status.observed_at);
  std::string text =
      fmt::format("log shipping: {:.1f} s behind", static_cast<double>(behind.count()) / 1e6);
  if (operations::backup::is_silent(shipping, status.observed_at))
    text += fmt::format(", nothing heard since {}", moment(shipping.observed_at));
  else if (!shipping.failure.empty())
    text += ", interrupted: " + shipping.failure;
  if (shipping.gap)
    text += fmt::format("; gap from {} to {}: take a backup", shipping.gap->start.text(),
                        shipping.gap->end.text());
  return text + "\n";
}

std::string status_text(const operations::PlatformStatus& status) {
  std::string text = fmt::format("{}  {}  version {} ({})\n", status.environment, status.url,
                                 status.version, status.colour);
  text += fmt::format("health: {}{}\n", status.health,
                      status.evidence.empty() ? "" : ", " + status.evidence);
  if (status.pools.size() > 1) text += requests_text(status.pools);
  if (status.supervisor == "gone")
    text +=
        "supervisor: gone; its services run on, and `auterity up` starts one that adopts them\n";
  if (status.operation)
    text +=
        fmt::format("operation: {} by {} since {}{}\n", status.operation->operation,
                    status.operation->holder, moment(status.operation->acquired_at),
                    status.operation->step.empty() ? "" : ", at step " + status.operation->step);
  if (status.interrupted)
    text += fmt::format("interrupted: {} ({}); {}\n", status.interrupted->plan.operation,
                        status.interrupted->id, operations::how_to_continue(*status.interrupted));
  text += backup_text(status.last_backup) + shipping_text(status);
  std::vector<std::vector<std::string>> rows;
  for (const auto& component : status.components)
    rows.push_back({component.name, std::string(component.state.name()),
                    component.state.up ? std::to_string(component.state.pid) : "-",
                    component.state.supervised ? moment(component.state.since) : "-",
                    std::to_string(component.state.restarts)});
  return text + table_text({"component", "state", "pid", "since", "restarts"}, rows);
}

class StatusCommand final : public Command {
 public:
  CommandFacts facts() const override {
    return {.name = "status",
            .group = CommandGroup::platform,
            .summary = "show what of an environment runs on this machine",
            .details = ""};
  }

  void declare(OptionSet&) override {}

  Async<Result<ExitCode>> run(World& world, const CommonOptions& common) override {
    AUTERITY_CO_TRY(session, LocalSession::open(world, common));
    AUTERITY_CO_TRY(status, co_await operations::observe_platform(session->context()));
    if (common.json)
      print_json(world, Json(operations::to_json(status)));
    else
      world.out << status_text(status);
    co_return kDone;
  }
};

}  // namespace

CommandPtr make_status_command() { return std::make_unique<StatusCommand>(); }

}  // namespace auterity::cli
