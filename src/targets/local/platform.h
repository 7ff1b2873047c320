#pragma once
// The facts from which every service of a local platform is generated: what was chosen once and is
// kept (ports, user, pools), and what was asked for (release, replicas). A plain value; generating
// services from it is pure (service_definition.h and its siblings).
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/json.h"
#include "targets/local/layout.h"
#include "targets/local/pool.h"

namespace auterity::local {

struct Credentials {
  std::string email;  // of the first administrator
  std::string password;
  std::string database_password;
  std::string redis_password;
  std::string jwt_secret_key;
  std::string secrets_key;  // 64 hexadecimal digits
};

// The service that changes the platform's sizes by itself. It runs from the release in use.
inline constexpr std::string_view kAutoscaler = "autoscaler";
struct Autoscaler {
  std::string environments;  // folder of the environment file; empty: there is none
};

// Where backups and the log of the database go, and which file holds the key that seals them.
struct BackupPlace {
  std::string location;  // a folder, absolute
  std::string key_file;  // absolute; outside the state folder and the location
};

struct Platform {
  Layout layout;
  std::string service_user;  // who the services run as; the caller's own name for an ordinary user
  bool drops_privileges = false;      // true when started by root
  std::string address = "127.0.0.1";  // the public port's; "*" for every interface
  int public_port = 8000;
  int postgres_port = 0;                 // loopback
  std::vector<Pool> pools{Pool{}};       // the first is the one in use; never empty
  std::string previous_version;          // of the release that was in use before; empty: none was
  std::optional<Autoscaler> autoscaler;  // nullopt: sizes are changed by hand alone
  BackupPlace backups;
  std::string ai_service_url;      // from the environment file; empty: not configured
  std::uint64_t memory_bytes = 0;  // of the machine
  Credentials credentials;

  const Pool& pool() const { return pools.front(); }
  Pool& pool() { return pools.front(); }
  const Pool* find_pool(std::string_view colour) const;  // nullptr: there is none
  std::filesystem::path release(const Pool& pool) const { return layout.releases() / pool.version; }
  std::string api_url() const { return "http://localhost:" + std::to_string(public_port); }
  // The public port as this machine reaches it: "http://127.0.0.1:8000".
  std::string local_url() const;
  // Over the socket, for the services; over loopback, for people and tools.
  std::string service_database_url() const;
  std::string database_url() const;
  // There while PostgreSQL runs.
  std::filesystem::path postgres_socket() const;
  // As the superuser, over the socket, known by the operating system's user.
  std::string maintenance_database_url(const std::string& database) const;
  std::string redis_url() const;

  // Of all pools, in the order in which they are started; stopping goes the other way.
  std::vector<std::string> service_names() const;
};

// What is kept in services/platform.json: no secret.
struct KeptFacts {
  std::string run;
  std::string address;
  int public_port = 0;
  int postgres_port = 0;
  std::vector<Pool> pools;
  std::string previous_version;
  std::optional<Autoscaler> autoscaler;
  BackupPlace backups;  // empty: kept by a version that did not know it
};
KeptFacts kept_facts(const Platform& platform);
JsonObject to_json(const KeptFacts& facts);
Result<KeptFacts> parse_kept_facts(std::string_view text);

// credentials.json: the contract's members (api_url, email, password, database_url, redis_url) and
// the keys that the services need.
JsonObject credentials_document(const Platform& platform);
Result<Credentials> parse_credentials(std::string_view text);

}  // namespace auterity::local
