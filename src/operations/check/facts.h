#pragma once
// What the probes find out about each subject of the checklist: plain values, no judgement. Strings
// that may hold a secret say so.
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/error.h"
#include "core/time.h"
#include "operations/backup/log_shipping.h"

namespace auterity::operations::check {

struct SecretsFacts {  // every one of them is a secret; empty: not set
  std::string signing_key, database_url, redis_url, sealing_key;
};

struct DatabaseFacts {
  int version = 0;  // server_version_num: 150004
  bool can_create = false;
  std::vector<std::string> missing_extensions;  // wanted, and not available
  std::int64_t slots_used = 0, slots_most = 0, slots_inactive = 0;
  std::int64_t connections_used = 0, connections_most = 0;
  std::int64_t connections_needed = 0;  // by the processes that a deploy adds
  Duration clock_difference{};          // between its clock and this machine's
};

struct StoresFacts {
  Result<std::string> redis = "";  // what it answered to PING
  // Whether the services' user can write where objects are kept; an error: it could not be tried.
  Result<bool> writable = false;
  std::string objects;   // the folder
  std::string user;      // of the services
  std::string leftover;  // what was written and could not be removed again
};

struct SpaceFacts {
  std::uint64_t free_bytes = 0, total_bytes = 0;
};
struct PortFacts {
  int port = 0;
  bool free = false;
  bool own = false;     // the platform's processes have it
  std::string program;  // that has it; empty: unknown
  int pid = 0;
};
struct KernelClockFacts {
  bool synchronised = false;
  Duration estimated_error{};
};
struct MachineFacts {
  Result<SpaceFacts> disk;
  Result<SpaceFacts> memory;
  Result<std::uint64_t> open_files;  // that a process may have
  Result<KernelClockFacts> clock;
  PortFacts port;
  int processes = 0;                           // that a deploy adds
  std::optional<std::uint64_t> process_bytes;  // of the largest one; nullopt: none runs
};

// A certificate that the environment's TLS depends on.
struct CertificateFacts {
  std::string where;            // "REDIS_URL"
  Time expires_at;              // the earliest of its chain
  std::string fault;            // why it is not trusted; empty: it is
  bool must_be_trusted = true;  // whoever connects checks it
};
struct CertificatesFacts {
  Time now;
  std::vector<CertificateFacts> found;
  std::vector<std::string> unknown;  // "REDIS_URL: no connection": why one could not be looked at
};

struct ReleaseFacts {
  std::string version;  // that is to be deployed
  bool there = false;
  std::string digest;               // of its manifest
  std::vector<std::string> damage;  // empty: whole
  std::string rollback;             // that a deploy of it goes back to; empty: there is none
  std::vector<std::string> rollback_damage;
};

struct MigrationsFacts {
  std::vector<std::string> pending;  // "0007_colours"
  std::size_t lint_findings = 0;
  std::string first_finding;           // "0007_colours.up.sql:3: rule, what"
  Result<std::string> rehearsal = "";  // how it went
};

struct SmokeFacts {
  std::string version, digest;
  Duration ready_after{};
  Duration ran_for{};
};

struct OperationsFacts {
  bool locked = false;
  std::string lock;  // who holds it and what for; empty: not known
  // The operation that was left half done; empty: none was.
  Result<std::string> unfinished = "";
};

struct LogShippingFacts {
  Time now;
  bool running = false;                         // the service that ships it
  std::optional<backup::LogShipping> shipping;  // what it says; nullopt: it never ran here
};

struct BackupFacts {
  Time now;
  bool missing_is_warning = false;  // class development stops nobody
  std::size_t count = 0;            // backups that were restored and compared
  std::string kind;                 // of the latest: "logical restore point"
  Time taken_at;                    // the state that the latest holds
  std::optional<Time> verified_at;
  std::vector<std::string> unknown;  // sources that could not be asked, and why
};

}  // namespace auterity::operations::check
