#include "operations/migrate/schema_walk.h"

#include <fmt/format.h>

namespace auterity::operations {

SchemaWalk::SchemaWalk(data::Database& database, Clock& clock,
                       std::vector<data::Migration> migrations, data::MigratorOptions options)
    : database_(database),
      clock_(clock),
      migrations_(std::move(migrations)),
      options_(std::move(options)) {}

Async<Status> SchemaWalk::look() {
  AUTERITY_CO_TRY(revision, co_await data::applied_revision(database_));
  AUTERITY_CO_TRY(session, co_await database_.open_session());
  AUTERITY_CO_TRY(found, co_await data::describe_schema(*session));
  revision_ = revision;
  const auto [before, is_new] = seen_.try_emplace(revision, found);
  if (is_new) co_return Status{};
  const auto differences = data::compare_schemas(before->second.text, found.text);
  if (differences.empty()) co_return Status{};
  co_return fail(ErrorKind::failed,
                 fmt::format("revision {} is not what it was before: {}", revision,
                             to_text(differences.front())),
                 "mend the down file so that it takes back exactly what the up file does");
}

Async<Status> SchemaWalk::go(int revision) {
  AUTERITY_CO_CHECK(co_await migrate_to(revision));
  co_return co_await look();
}

Async<Status> SchemaWalk::migrate_to(int revision) {
  if (revision < revision_) {
    AUTERITY_CO_CHECK(
        co_await data::migrate_down(database_, clock_, migrations_, revision, options_));
    co_return Status{};
  }
  std::vector<data::Migration> wanted = migrations_;
  std::erase_if(wanted, [&](const auto& migration) { return migration.revision > revision; });
  AUTERITY_CO_CHECK(co_await data::migrate_up(database_, clock_, std::move(wanted), options_));
  co_return Status{};
}

}  // namespace auterity::operations
