#pragma once
// What observed facts mean for a deploy. Pure; no judgement repeats a secret it was given.
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/time.h"
#include "operations/check/check.h"

namespace auterity::operations::check {

// `value` empty: missing. A secret must have `least_characters`, as many different characters as
// chance gives, and be none of the passwords that everybody tries first.
Judgement judge_secret(std::string_view name, std::string_view value, std::size_t least_characters);
// The password of a URL. Absent is fine where the server is reached over a socket or by other
// credentials; what is there must be strong.
Judgement judge_url_password(std::string_view name, std::string_view url);

struct DatabaseFacts {
  int version = 0;  // server_version_num: 150004
  bool can_create = false;
  std::vector<std::string> missing_extensions;  // wanted, and not available
  std::int64_t slots_used = 0, slots_most = 0, slots_inactive = 0;
  std::int64_t connections_used = 0, connections_most = 0;
};
Judgement judge_database_version(const DatabaseFacts& facts);
Judgement judge_privileges(const DatabaseFacts& facts);
Judgement judge_extensions(const DatabaseFacts& facts);
Judgement judge_replication_slots(const DatabaseFacts& facts);
// `needed`: connections that a second pool of processes opens.
Judgement judge_connections(const DatabaseFacts& facts, std::int64_t needed);
// Difference between this machine's clock and the database's.
Judgement judge_clock(Duration difference);

Judgement judge_disk(std::uint64_t free_bytes, std::uint64_t total_bytes);
Judgement judge_memory(std::uint64_t available_bytes, std::uint64_t total_bytes);
// Memory for a second pool of `processes`.
Judgement judge_capacity(std::uint64_t available_bytes, int processes);
Judgement judge_file_limit(std::uint64_t open_files);

// `missing_is_warning`: in class development nobody is stopped by it.
Judgement judge_backup(std::optional<Time> proven_at, Time now, bool missing_is_warning);

}  // namespace auterity::operations::check
