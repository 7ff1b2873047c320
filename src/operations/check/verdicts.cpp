#include "operations/check/verdicts.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <set>

namespace auterity::operations::check {
namespace {

constexpr int kOldestDatabase = 150000;
constexpr std::size_t kDifferentCharacters = 8;
constexpr std::size_t kPasswordCharacters = 12;
constexpr std::uint64_t kMebibyte = 1u << 20;
constexpr std::uint64_t kDiskFloor = 1024 * kMebibyte;
constexpr std::uint64_t kMemoryFloor = 128 * kMebibyte;
constexpr std::uint64_t kProcessMemory = 64 * kMebibyte;
constexpr std::uint64_t kFewFiles = 4096;
constexpr std::uint64_t kTooFewFiles = 1024;
constexpr Duration kClockWarning = std::chrono::seconds(1);
constexpr Duration kClockFailure = std::chrono::seconds(30);
constexpr Duration kOldBackup = std::chrono::hours(26);

Judgement pass(std::string evidence) { return {Verdict::pass, std::move(evidence), ""}; }
Judgement warn(std::string evidence, std::string hint) {
  return {Verdict::warn, std::move(evidence), std::move(hint)};
}
Judgement failed(std::string evidence, std::string hint) {
  return {Verdict::fail, std::move(evidence), std::move(hint)};
}

bool is_default_password(std::string_view value) {
  constexpr std::array<std::string_view, 14> kDefaults{
      "password", "postgres", "changeme", "change-me", "secret",      "admin",   "redis",
      "auterity", "default",  "example",  "test",      "your-secret", "letmein", "123456"};
  std::string lower(value);
  std::ranges::transform(lower, lower.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return std::ranges::any_of(kDefaults, [&](std::string_view word) {
    return lower == word || (word.size() >= 6 && lower.contains(word));
  });
}

std::uint64_t mebibytes(std::uint64_t bytes) { return bytes / kMebibyte; }

}  // namespace

Judgement judge_secret(std::string_view name, std::string_view value,
                       std::size_t least_characters) {
  const std::string mend =
      fmt::format("set {} to at least {} random characters, for example: openssl rand -hex 32",
                  name, least_characters);
  if (value.empty()) return failed(fmt::format("{} is not set", name), mend);
  if (is_default_password(value))
    return failed(fmt::format("{} holds a word that everybody tries first", name), mend);
  if (value.size() < least_characters)
    return failed(fmt::format("{} has {} characters", name, value.size()), mend);
  if (std::set<char>(value.begin(), value.end()).size() < kDifferentCharacters)
    return failed(fmt::format("{} is made of a few characters repeated", name), mend);
  return pass(fmt::format("{} is set and strong", name));
}

Judgement judge_url_password(std::string_view name, std::string_view url) {
  if (url.empty()) return failed(fmt::format("{} is not set", name), fmt::format("set {}", name));
  std::string_view password;
  const std::size_t scheme = url.find("://");
  const std::size_t authority = scheme == url.npos ? 0 : scheme + 3;
  const std::string_view host = url.substr(authority, url.find('/', authority) - authority);
  if (const std::size_t at = host.rfind('@'); at != host.npos)
    if (const std::size_t colon = host.find(':'); colon < at)
      password = host.substr(colon + 1, at - colon - 1);
  if (const std::size_t parameter = url.find("password="); parameter != url.npos) {
    password = url.substr(parameter + 9);
    password = password.substr(0, password.find_first_of("&# "));
  }
  if (password.empty()) return pass(fmt::format("{} is set, without a password in it", name));
  return judge_secret(fmt::format("the password of {}", name), password, kPasswordCharacters);
}

Judgement judge_database_version(const DatabaseFacts& facts) {
  const std::string evidence =
      fmt::format("PostgreSQL {}.{}", facts.version / 10000, facts.version % 10000);
  return facts.version >= kOldestDatabase
             ? pass(evidence)
             : failed(evidence, "this release needs PostgreSQL 15 or newer");
}

Judgement judge_privileges(const DatabaseFacts& facts) {
  return facts.can_create ? pass("the user may create tables in schema public")
                          : failed("the user may not create tables in schema public",
                                   "migrations need: GRANT CREATE ON SCHEMA public TO the user");
}

Judgement judge_extensions(const DatabaseFacts& facts) {
  if (facts.missing_extensions.empty()) return pass("every extension is available");
  std::string names;
  for (const std::string& name : facts.missing_extensions)
    names += (names.empty() ? "" : ", ") + name;
  return warn("not available: " + names, "install them on the server for its diagnostics");
}

Judgement judge_replication_slots(const DatabaseFacts& facts) {
  const std::string evidence =
      fmt::format("{} of {} replication slots used, {} inactive", facts.slots_used,
                  facts.slots_most, facts.slots_inactive);
  if (facts.slots_inactive > 0)
    return warn(evidence,
                "an inactive slot keeps WAL until the disk is full: drop it when nobody "
                "comes back for it");
  if (facts.slots_used >= facts.slots_most) return warn(evidence, "raise max_replication_slots");
  return pass(evidence);
}

Judgement judge_connections(const DatabaseFacts& facts, std::int64_t needed) {
  const std::int64_t free = facts.connections_most - facts.connections_used;
  const std::string evidence = fmt::format("{} of {} connections free, {} needed by a second pool",
                                           free, facts.connections_most, needed);
  if (free < needed) return failed(evidence, "raise max_connections, or run fewer processes");
  if (free < 2 * needed) return warn(evidence, "raise max_connections before the next growth");
  return pass(evidence);
}

Judgement judge_clock(Duration difference) {
  const Duration apart = difference < Duration{} ? -difference : difference;
  const std::string evidence =
      fmt::format("{} ms between this machine's clock and the database's",
                  std::chrono::duration_cast<std::chrono::milliseconds>(apart).count());
  if (apart >= kClockFailure) return failed(evidence, "let chrony or ntpd set both clocks");
  if (apart >= kClockWarning) return warn(evidence, "let chrony or ntpd set both clocks");
  return pass(evidence);
}

Judgement judge_disk(std::uint64_t free_bytes, std::uint64_t total_bytes) {
  const std::uint64_t percent = total_bytes == 0 ? 0 : free_bytes / (total_bytes / 100 + 1);
  const std::string evidence = fmt::format("{} MiB free ({} %)", mebibytes(free_bytes), percent);
  if (free_bytes < kDiskFloor)
    return failed(evidence, "free at least 1 GiB: auterity release prune, old logs");
  if (percent < 10) return warn(evidence, "less than a tenth is free: auterity release prune");
  return pass(evidence);
}

Judgement judge_memory(std::uint64_t available_bytes, std::uint64_t total_bytes) {
  const std::string evidence =
      fmt::format("{} MiB of {} MiB available", mebibytes(available_bytes), mebibytes(total_bytes));
  if (available_bytes < kMemoryFloor) return failed(evidence, "free memory before a deploy");
  if (available_bytes < total_bytes / 10) return warn(evidence, "less than a tenth is available");
  return pass(evidence);
}

Judgement judge_capacity(std::uint64_t available_bytes, int processes) {
  const std::uint64_t needed = kProcessMemory * static_cast<std::uint64_t>(processes);
  const std::string evidence =
      fmt::format("a second pool of {} processes takes about {} MiB, {} MiB are available",
                  processes, mebibytes(needed), mebibytes(available_bytes));
  return available_bytes >= needed ? pass(evidence)
                                   : failed(evidence, "free memory, or run fewer processes");
}

Judgement judge_file_limit(std::uint64_t open_files) {
  const std::string evidence = fmt::format("a process may have {} files open", open_files);
  if (open_files < kTooFewFiles) return failed(evidence, "raise it: ulimit -n 65536");
  if (open_files < kFewFiles) return warn(evidence, "raise it: ulimit -n 65536");
  return pass(evidence);
}

Judgement judge_backup(std::optional<Time> proven_at, Time now, bool missing_is_warning) {
  if (!proven_at) {
    Judgement judgement = failed("there is no backup that was restored and compared",
                                 "restore one into a scratch database, and compare");
    if (missing_is_warning) judgement.verdict = Verdict::warn;
    return judgement;
  }
  const std::string evidence =
      fmt::format("the last proven backup is of {}", to_rfc3339(*proven_at));
  if (now - *proven_at <= kOldBackup) return pass(evidence);
  return warn(evidence, "it is older than a day: make and prove another");
}

}  // namespace auterity::operations::check
