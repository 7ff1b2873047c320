#include "cli/settings.h"

#include <ostream>

#include "cli/local_session.h"
#include "cli/output.h"
#include "core/redaction.h"
#include "core/settings.h"
#include "operations/environment/environment.h"

namespace auterity::cli {
namespace {

struct ShownSetting {
  std::string name, value, source, help;
};

void show_variables(const EnvironmentVariables& variables, std::vector<ShownSetting>& shown) {
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
}

// References are shown: they say where a secret is, and hold none.
void show_file(const operations::EnvironmentFile& environment, std::vector<ShownSetting>& shown) {
  for (const operations::EnvironmentKey& key : operations::environment_keys())
    shown.push_back({.name = std::string(key.path),
                     .value = environment.text(key.path),
                     .source = environment.source(key.path),
                     .help = std::string(key.help)});
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
    return {
        .name = "settings",
        .group = CommandGroup::program,
        .summary = "show every setting, its value and where that comes from",
        .details =
            "First those of the environment file, infrastructure/environments/NAME.yml: a\n"
            "flag goes before the environment variable AUTERITY_KEY, that before the file, and\n"
            "the file before the default. Then the environment variables that the roles\n"
            "`serve` and `work` read, which read nothing else. Secrets are shown as ***."};
  }

  void declare(OptionSet& options) override {
    options.flag("--reference", reference_,
                 "print every key of the environment file as a table in Markdown");
  }

  Async<Result<ExitCode>> run(World& world, const CommonOptions& common) override {
    if (reference_) {
      world.out << operations::environment_reference();
      co_return kDone;
    }
    AUTERITY_CO_TRY(session, LocalSession::open(world, common));
    AUTERITY_CO_TRY(environment, session->environment_file());
    std::vector<ShownSetting> settings;
    show_file(environment, settings);
    show_variables(world.environment, settings);
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

 private:
  bool reference_ = false;
};

}  // namespace

CommandPtr make_settings_command() { return std::make_unique<SettingsCommand>(); }

}  // namespace auterity::cli
