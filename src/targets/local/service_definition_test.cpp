#include "targets/local/service_definition.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json.hpp>

#include "targets/local/wal_shipper_service.h"

namespace auterity::local {
namespace {

Platform platform() {
  Platform made;
  made.layout = {"/var/lib/auterity", "development", "/run/auterity/development-12345678",
                 "/etc/auterity"};
  made.service_user = "auterity";
  made.drops_privileges = true;
  made.postgres_port = 25432;
  made.pool().version = "1.2.3";
  made.pool().release_digest = "d1";
  made.memory_bytes = 8ull << 30;
  made.credentials = {"a@b", "pw-person", "pw-database", "pw-redis", "jwt", "sealing"};
  return made;
}

std::string file_of(const ServiceDefinition& service, std::string_view name) {
  const auto found = std::ranges::find(service.files, name, &ServiceFile::name);
  EXPECT_NE(found, service.files.end()) << name;
  return found == service.files.end() ? "" : found->content;
}

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

TEST(Services, NoSecretIsInAnArgumentOrInAFileThatOthersRead) {
  const Platform made = platform();
  for (const std::string& name : made.service_names())
    for (const ServiceFile& file : define_service(made, name).files) {
      if (file.mode == 0600) continue;
      for (const std::string_view secret : {"pw-person", "pw-database", "pw-redis", "sealing"})
        EXPECT_FALSE(contains(file.content, secret)) << name << "/" << file.name;
    }
}

TEST(Services, RunAsTheServiceUserUnderRootAndAsThemselvesOtherwise) {
  Platform made = platform();
  // The shipper reads the key of backups, which is its owner's alone.
  for (const std::string& name : made.service_names())
    EXPECT_EQ(contains(file_of(define_service(made, name), "run"), "s6-setuidgid auterity "),
              name != kWalShipper)
        << name;
  made.drops_privileges = false;
  for (const std::string& name : made.service_names())
    EXPECT_FALSE(contains(file_of(define_service(made, name), "run"), "s6-setuidgid")) << name;
}

TEST(Services, TheAutoscalerRunsFromTheReleaseInUse) {
  Platform made = platform();
  EXPECT_EQ(made.service_names().back(), "haproxy");
  made.autoscaler = Autoscaler{"/etc/auterity"};
  EXPECT_EQ(made.service_names().back(), kAutoscaler);
  for (const char* version : {"1.2.3", "1.3.0"}) {
    made.pool().version = version;
    const std::string run = file_of(define_service(made, kAutoscaler), "run");
    EXPECT_TRUE(contains(run, made.layout.releases().string() + "/" + version + "/auterity "))
        << run;
    EXPECT_TRUE(contains(run, "AUTERITY_ENVIRONMENTS='/etc/auterity'")) << run;
  }
}

TEST(Services, PostgresKeepsTheLogForTheShipperAndListensOnLoopbackAlone) {
  const ServiceDefinition postgres = define_postgres(platform());
  const std::string settings = file_of(postgres, "data/postgresql.conf");
  for (const std::string_view line :
       {"listen_addresses = '127.0.0.1'\n", "port = 25432\n",
        "password_encryption = scram-sha-256\n", "max_slot_wal_keep_size = 16GB\n",
        "wal_level = replica\n", "fsync = on\n", "shared_buffers = 256MB\n",
        "shared_preload_libraries = 'pg_stat_statements'\n"})
    EXPECT_TRUE(contains(settings, line)) << line;
  EXPECT_EQ(file_of(postgres, "down-signal"), "SIGINT\n");
  EXPECT_FALSE(contains(file_of(postgres, "data/pg_hba.conf"), "trust"));
}

TEST(Services, HaproxyHoldsBothColoursAndTheirWeights) {
  Platform made = platform();
  made.pool().replicas = 1;
  const std::string blue = file_of(define_haproxy(made), "data/haproxy.cfg");
  EXPECT_TRUE(contains(blue,
                       "  server blue-api-1 unix@/run/auterity/development-12345678/"
                       "blue-api-1.sock weight 256\n"));
  EXPECT_TRUE(contains(blue,
                       "  server green-api-1 unix@/run/auterity/development-12345678/"
                       "green-api-1.sock weight 0 disabled\n"));
  EXPECT_TRUE(contains(blue, "  bind 127.0.0.1:8000\n"));
  made.pool().colour = "green";
  EXPECT_TRUE(contains(file_of(define_haproxy(made), "data/haproxy.cfg"),
                       "blue-api-1.sock weight 0 disabled\n"));
}

TEST(Services, WithoutAReplicaTheApiStillAnswersWithProblems) {
  const std::string settings = file_of(define_haproxy(platform()), "data/haproxy.cfg");
  for (const std::string_view status : {"502", "503", "504"})
    EXPECT_TRUE(contains(settings, fmt::format("  http-error status {} content-type "
                                               "application/problem+json lf-string '",
                                               status)));
}

TEST(Services, APrivilegedPortIsOpenedByRootAndServedByTheServiceUser) {
  Platform made = platform();
  made.public_port = 80;
  made.address = "*";
  const ServiceDefinition haproxy = define_haproxy(made);
  EXPECT_FALSE(contains(file_of(haproxy, "run"), "s6-setuidgid"));
  EXPECT_TRUE(contains(file_of(haproxy, "data/haproxy.cfg"),
                       "global\n  user auterity\n  group auterity\n"));
  EXPECT_TRUE(contains(file_of(haproxy, "data/haproxy.cfg"), "bind :80\n  bind :::80 v6only\n"));
}

TEST(Services, ReplicasAreConfiguredByEnvironmentFilesAlone) {
  const ServiceDefinition api = define_api(platform(), "blue-api-2");
  EXPECT_EQ(file_of(api, "data/env/AUTERITY_INSTANCE"), "api-2\n");
  EXPECT_EQ(file_of(api, "data/env/AUTERITY_LISTEN"),
            "unix:/run/auterity/development-12345678/blue-api-2.sock\n");
  EXPECT_EQ(file_of(api, "data/env/AUTERITY_READY_FD"), "3\n");
  EXPECT_EQ(file_of(api, "notification-fd"), "3\n");
  EXPECT_TRUE(contains(file_of(api, "run"), "/releases/1.2.3/auterity serve\n"));
  EXPECT_TRUE(
      contains(file_of(define_worker(platform(), "blue-worker-1"), "run"), "/auterity work\n"));
}

TEST(Services, ARebuiltProgramIsAnotherDefinition) {
  Platform made = platform();
  const std::string before = define_api(made, "blue-api-1").digest();
  EXPECT_EQ(define_api(made, "blue-api-1").digest(), before);
  made.pool().release_digest = "d2";
  EXPECT_NE(define_api(made, "blue-api-1").digest(), before);
  EXPECT_EQ(define_redis(made).digest(), define_redis(platform()).digest());
}

TEST(PlatformFacts, SurviveTheirFile) {
  const Platform made = platform();
  const auto again = parse_kept_facts(auterity::to_text(Json(to_json(kept_facts(made)))));
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(again->postgres_port, 25432);
  ASSERT_EQ(again->pools.size(), 1u);
  EXPECT_EQ(again->pools[0].colour, "blue");
  EXPECT_EQ(again->pools[0].percent, 100);
  EXPECT_EQ(again->run, "/run/auterity/development-12345678");
  EXPECT_FALSE(parse_kept_facts("{}"));
}

TEST(PlatformFacts, CredentialsHoldWhatTheContractSays) {
  const auto document = credentials_document(platform());
  for (const std::string_view name : {"api_url", "email", "password", "database_url", "redis_url"})
    EXPECT_TRUE(document.contains(name)) << name;
  EXPECT_EQ(document.at("database_url").as_string(),
            "postgresql://auterity:pw-database@127.0.0.1:25432/auterity");
  const auto again = parse_credentials(auterity::to_text(Json(document)));
  ASSERT_TRUE(again);
  EXPECT_EQ(again->jwt_secret_key, "jwt");
  const auto incomplete = parse_credentials(R"({"email":"a@b"})");
  ASSERT_FALSE(incomplete);
  EXPECT_FALSE(incomplete.error().hint.empty());
}

}  // namespace
}  // namespace auterity::local
