#include "cli/backup.h"

#include <fmt/format.h>

#include <boost/json.hpp>
#include <ostream>

#include "cli/local_session.h"
#include "cli/output.h"
#include "core/counted.h"
#include "operations/backup/backup_storage.h"

namespace auterity::cli {
namespace {

using operations::backup::BackupStorage;
using operations::backup::CatalogueEntry;

std::string verification_text(const CatalogueEntry& entry) {
  if (!entry.verification) return std::string(entry.state());
  return fmt::format("{} {}", entry.state(), to_rfc3339(entry.verification->at));
}

std::vector<std::string> row_of(const CatalogueEntry& entry) {
  const auto kind = std::string(name_of(entry.name.kind));
  if (!entry.manifest)
    return {entry.name.stamp, kind, to_rfc3339(entry.name.taken_at), "-", "-", "-", "damaged"};
  const auto& manifest = *entry.manifest;
  return {auterity::to_text(manifest.id),
          kind,
          to_rfc3339(manifest.taken_at),
          size_text(manifest.size()),
          size_text(manifest.stored_size()),
          manifest.database ? std::to_string(manifest.database->schema_revision) : "-",
          verification_text(entry)};
}

class ListCommand final : public Command {
 public:
  CommandFacts facts() const override {
    return {.name = "backup list",
            .group = CommandGroup::data,
            .summary = "list the backups of an environment, newest first",
            .details =
                "A backup that was not restored and compared yet is unproven, and one whose\n"
                "manifest cannot be read is damaged; neither counts."};
  }

  void declare(OptionSet& options) override {
    options.number("--limit", "N", limit_, {1, 100'000}, "no more than these (default: all)");
    options.text("--after", "STAMP", after_, "only those older than this one: the next page");
  }

  Async<Result<ExitCode>> run(World& world, const CommonOptions& common) override {
    AUTERITY_CO_TRY(session, LocalSession::open(world, common));
    AUTERITY_CO_TRY(environment, session->environment_file());
    auto storage = BackupStorage::open(session->context(), environment);
    if (!storage && storage.error().kind != ErrorKind::not_found)
      co_return std::unexpected(std::move(storage).error());
    operations::backup::CataloguePage page;
    if (storage) {
      const auto limit = limit_ ? static_cast<std::size_t>(*limit_) : std::string::npos;
      AUTERITY_CO_TRY(found, co_await (*storage)->catalogue().list(after_, limit));
      page = std::move(found);
      AUTERITY_CO_CHECK(
          co_await operations::backup::publish_summary(session->context(), **storage));
    }
    if (common.json) {
      JsonArray rows;
      for (const auto& entry : page.entries) rows.push_back((*storage)->catalogue().to_json(entry));
      print_json(world, Json(std::move(rows)));
      co_return kDone;
    }
    std::vector<std::vector<std::string>> rows;
    for (const auto& entry : page.entries) rows.push_back(row_of(entry));
    world.out << table_text({"id", "kind", "taken", "size", "stored", "schema", "verification"},
                            rows);
    for (const auto& entry : page.entries)
      if (!entry.damage.empty())
        world.out << fmt::format("{}: {}\n", entry.name.stamp, printable(entry.damage));
    if (page.entries.empty() && after_.empty())
      world.err << fmt::format(
          "hint: there is no backup; take one: auterity backup database -e {}\n",
          common.environment);
    if (!page.next.empty()) world.err << "hint: more with --after " << page.next << '\n';
    co_return kDone;
  }

 private:
  std::optional<std::int64_t> limit_;
  std::string after_;
};

std::string detail_text(const CatalogueEntry& entry) {
  std::string text = table_text({"id", "kind", "taken", "size", "stored", "schema", "verification"},
                                {row_of(entry)});
  if (!entry.damage.empty()) text += printable(entry.damage) + "\n";
  if (!entry.manifest) return text;
  const auto& manifest = *entry.manifest;
  text += fmt::format("by release {}, finished {}\n", manifest.release,
                      to_rfc3339(manifest.finished_at));
  if (manifest.database) {
    const auto& database = *manifest.database;
    text += fmt::format("PostgreSQL {}, cluster {}, timeline {}, log from {} to {}\n",
                        database.postgresql_version, database.system_id, database.timeline,
                        database.start.text(), database.end.text());
  }
  std::vector<std::vector<std::string>> objects;
  for (const auto& object : manifest.objects)
    objects.push_back({object.key, size_text(object.size), size_text(object.stored_size),
                       object.sha256.substr(0, 16)});
  text += table_text({"object", "size", "stored", "sha256"}, objects);
  std::vector<std::vector<std::string>> checks;
  if (entry.verification)
    for (const auto& check : entry.verification->checks)
      checks.push_back({check.id, check.verdict, check.evidence});
  return checks.empty() ? text : text + table_text({"check", "verdict", "evidence"}, checks);
}

class ShowCommand final : public Command {
 public:
  CommandFacts facts() const override {
    return {.name = "backup show",
            .group = CommandGroup::data,
            .summary = "show one backup: its objects, its place in the log, its verification",
            .details =
                "ID may be shortened to its last digits; `latest` is the newest. --json\n"
                "gives the whole manifest."};
  }

  void declare(OptionSet& options) override {
    options.required_argument("ID", id_, "of the backup");
  }

  Async<Result<ExitCode>> run(World& world, const CommonOptions& common) override {
    AUTERITY_CO_TRY(session, LocalSession::open(world, common));
    AUTERITY_CO_TRY(environment, session->environment_file());
    AUTERITY_CO_TRY(storage, BackupStorage::open(session->context(), environment));
    AUTERITY_CO_TRY(entry, co_await storage->catalogue().find(id_));
    if (common.json)
      print_json(world, Json(storage->catalogue().detail(entry)));
    else
      world.out << detail_text(entry);
    co_return entry.manifest ? kDone : kFailed;
  }

 private:
  std::string id_;
};

}  // namespace

CommandPtr make_backup_list_command() { return std::make_unique<ListCommand>(); }
CommandPtr make_backup_show_command() { return std::make_unique<ShowCommand>(); }

}  // namespace auterity::cli
