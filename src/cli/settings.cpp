#include "cli/settings.h"

#include <ostream>

#include "cli/output.h"
#include "core/redaction.h"
#include "core/settings.h"

namespace auterity::cli {
namespace {

struct ShownSetting {
  std::string name, value, source, help;
};

std::vector<ShownSetting> shown_settings(const EnvironmentVariables& variables) {
  std::vector<ShownSetting> shown;
  for (const SettingRow& row : setting_rows()) {
    ShownSetting setting{.name = std::string(row.name),
                         .value = std::string(row.fallback),
                         .source = row.fallback.empty() ? "not set" : "default",
                         .help = std::string(row.help)};
    if (const std::string* given = find_variable(variables, row.name)) {
      setting.value = row.secret ? std::string(kMask) : *given;
      setting.source = "environment";
    }
    shown.push_back(std::move(setting));
  }
  return shown;
}

Json settings_document(const std::vector<ShownSetting>& settings) {
  JsonArray list;
  for (const ShownSetting& setting : settings)
    list.push_back(JsonObject{{"name", setting.name},
                              {"value", setting.source == "not set" ? Json() : Json(setting.value)},
                              {"source", setting.source},
                              {"help", setting.help}});
  return JsonObject{{"settings", std::move(list)}};
}

class SettingsCommand final : public Command {
 public:
  CommandFacts facts() const override {
    return {.name = "settings",
            .group = CommandGroup::program,
            .summary = "show every setting, its value and where that comes from",
            .details =
                "The roles `serve` and `work` read these environment variables and nothing else.\n"
                "Secrets are shown as ***."};
  }

  void declare(OptionSet&) override {}

  Async<Result<ExitCode>> run(World& world, const CommonOptions& common) override {
    const auto settings = shown_settings(world.environment);
    if (common.json) {
      print_json(world, settings_document(settings));
      co_return kDone;
    }
    std::vector<std::vector<std::string>> rows;
    for (const ShownSetting& setting : settings)
      rows.push_back({setting.name, setting.value.empty() ? "-" : printable(setting.value),
                      setting.source, setting.help});
    world.out << table_text({"SETTING", "VALUE", "SOURCE", "WHAT IT IS FOR"}, rows);
    co_return kDone;
  }
};

}  // namespace

CommandPtr make_settings_command() { return std::make_unique<SettingsCommand>(); }

}  // namespace auterity::cli
