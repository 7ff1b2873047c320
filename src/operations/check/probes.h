#pragma once
// The checklist's whole contact with the world: one function for each subject. What a probe cannot
// find out it answers as an error whose message holds no address and no secret. `subject` outlives
// the call. ask_stores() writes a file and removes it; ask_migrations() and ask_smoke() make a
// scratch database and drop it; nothing else is changed.
#include <functional>

#include "operations/check/check.h"
#include "operations/check/facts.h"
#include "operations/migrate/target.h"

namespace auterity::operations::check {

template <typename Facts>
using Probe = std::function<Async<Result<Facts>>(const Subject&)>;

Async<Result<SecretsFacts>> ask_secrets(const Subject& subject);
Async<Result<DatabaseFacts>> ask_database(const Subject& subject);
Async<Result<StoresFacts>> ask_stores(const Subject& subject);
Async<Result<MachineFacts>> ask_machine(const Subject& subject);
Async<Result<CertificatesFacts>> ask_certificates(const Subject& subject);
Async<Result<ReleaseFacts>> ask_release(const Subject& subject);
Async<Result<MigrationsFacts>> ask_migrations(const Subject& subject);
Async<Result<SmokeFacts>> ask_smoke(const Subject& subject);
Async<Result<OperationsFacts>> ask_operations(const Subject& subject);
Async<Result<BackupFacts>> ask_backups(const Subject& subject);
Async<Result<LogShippingFacts>> ask_log_shipping(const Subject& subject);

// A variable of this process, else what the platform keeps.
std::string variable_or(const Subject& subject, const std::string& name, std::string kept);
// The release that is to be deployed, else the one in use. not_ready when there is no platform.
Result<std::string> wanted_release(const Subject& subject);
// The database with that release's migrations.
Result<MigrateTarget> migrate_target_of(const Subject& subject, const std::string& version);
// That a deploy adds to the pool in use, else to the one that would be started.
int processes_of_deploy(const Subject& subject);

}  // namespace auterity::operations::check
