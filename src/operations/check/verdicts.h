#pragma once
// What facts mean for a deploy. Pure; no judgement repeats a secret. An error instead of facts says
// why nothing could be found out; what a judge leaves out of its findings, or answers an error for,
// is skipped with that reason (check.h).
#include <string_view>
#include <vector>

#include "operations/check/check.h"
#include "operations/check/facts.h"

namespace auterity::operations::check {

using Findings = Result<std::vector<Finding>>;

Findings judge_secrets(const Result<SecretsFacts>& facts);
Findings judge_database(const Result<DatabaseFacts>& facts);
Findings judge_stores(const Result<StoresFacts>& facts);
Findings judge_machine(const Result<MachineFacts>& facts);
Findings judge_certificates(const Result<CertificatesFacts>& facts);
Findings judge_release(const Result<ReleaseFacts>& facts);
Findings judge_migrations(const Result<MigrationsFacts>& facts);
Findings judge_smoke(const Result<SmokeFacts>& facts);
Findings judge_operations(const Result<OperationsFacts>& facts);
Findings judge_backups(const Result<BackupFacts>& facts);
Findings judge_log_shipping(const Result<LogShippingFacts>& facts);

// A secret must have `least_characters`, as many different characters as chance gives, and be none
// of the passwords that everybody tries first. Empty: missing.
Judgement judge_secret(std::string_view name, std::string_view value, std::size_t least_characters);
// The password of a URL. Absent is fine where the server is reached over a socket or by other
// credentials; what is there must be strong.
Judgement judge_url_password(std::string_view name, std::string_view url);
// As it stands in the URL; empty when there is none.
std::string_view password_of(std::string_view url);

// "3 h", "12 days"
std::string age_text(Duration age);

}  // namespace auterity::operations::check
