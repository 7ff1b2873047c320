#include "operations/environment/environment.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "core/disk_files.h"
#include "core/memory_files.h"

namespace auterity::operations {
namespace {

std::string problem(std::string_view yaml) {
  const auto parsed = EnvironmentFile::parse(yaml, "staging", "staging.yml");
  return parsed ? "" : parsed.error().message;
}

TEST(Environment, ReadsTheGuidesKeysAndTheNewSections) {
  const auto read = EnvironmentFile::parse(
      "environment: staging\nregion: us-west-2\napp_min_capacity: 1\napp_max_capacity: 3\n"
      "app_desired_capacity: 2\nscale_down_adjustment: -1 # instances\ndb_multi_az: false\n"
      "class: staging\nports:\n  public: 8001\ndeploy:\n  canary_steps: [5, 100]\n"
      "apm:\n  secret_token: env:APM_TOKEN\n",
      "staging", "staging.yml");
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->number("ports.public"), 8001);
  EXPECT_EQ(read->number("scale_down_adjustment"), -1);
  EXPECT_EQ(read->numbers("deploy.canary_steps"), (std::vector<std::int64_t>{5, 100}));
  EXPECT_EQ(read->line("ports.public"), 10);
  EXPECT_EQ(read->number("workers"), 1) << "default";
  EXPECT_FALSE(read->flag("db_multi_az"));
}

TEST(Environment, RefusesWithTheLine) {
  EXPECT_EQ(problem("environment: staging\nreplicas: 3\n"), "staging.yml:2: unknown key replicas");
  EXPECT_EQ(problem("ports:\n  pubic: 80\n"), "staging.yml:2: unknown key ports.pubic");
  EXPECT_EQ(problem("region: a\nregion: b\n"),
            "staging.yml:2: region is given twice, first in line 1");
  EXPECT_EQ(problem("ports: 8000\n"), "staging.yml:1: ports is a section");
  EXPECT_EQ(problem("workers: many\n"),
            "staging.yml:1: workers: 'many' is not a whole number from 0 to 100");
  EXPECT_EQ(problem("waf_enabled: yes\n"),
            "staging.yml:1: waf_enabled: 'yes' is not true or false");
  EXPECT_EQ(problem("target: moon\n"), "staging.yml:1: target: 'moon' is not one of local|aws");
  EXPECT_EQ(problem("environment: production\n"),
            "staging.yml:1: environment is production, but the file is staging's");
  EXPECT_EQ(problem("class: staging\napp_desired_capacity: 20\n"),
            "staging.yml:2: app_desired_capacity is not between app_min_capacity and "
            "app_max_capacity");
  EXPECT_EQ(problem("class: staging\nports:\n  address: localhost; x\n"),
            "staging.yml:3: ports.address: 'localhost; x' is no IPv4 address and not *");
  EXPECT_EQ(problem("\n- a\n"), "staging.yml:1: not a mapping of keys to values");
  EXPECT_TRUE(problem("a: [\n").starts_with("staging.yml:"));
}

TEST(Environment, RefusesASecretInPlaceOfAReferenceWithoutShowingIt) {
  const std::string message = problem("apm:\n  secret_token: hunter2hunter2\n");
  EXPECT_TRUE(message.starts_with("staging.yml:2: apm.secret_token must be a reference"));
  EXPECT_EQ(message.find("hunter2"), std::string::npos);
}

TEST(Environment, NamesTheKeyThatWasMeant) {
  const auto read = EnvironmentFile::parse("app_min_capcity: 1\n", "staging", "staging.yml");
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().hint, "did you mean app_min_capacity?");
}

// The rest of a valid staging file.
std::string broken_rule(const std::string& lines) { return problem("class: staging\n" + lines); }

TEST(Environment, RefusesWhatContradictsItself) {
  const std::pair<std::string, std::string> cases[] = {
      {"app_min_capacity: 5\napp_max_capacity: 3\n",
       "staging.yml:2: app_min_capacity 5 is more than app_max_capacity 3"},
      {"scale_down_threshold: 70\n",
       "staging.yml:2: scale_down_threshold is not below scale_up_threshold"},
      {"db_allocated_storage: 200\ndb_max_allocated_storage: 100\n",
       "staging.yml:2: db_allocated_storage is more than db_max_allocated_storage"},
      {"deploy:\n  canary_steps: [10, 10, 100]\n",
       "staging.yml:3: canary_steps do not rise to 100"},
      {"deploy:\n  canary_steps: [10, 50]\n", "staging.yml:3: canary_steps do not rise to 100"},
      {"backup:\n  location: backups\n",
       "staging.yml:3: backup.location is neither an absolute path nor s3://bucket/prefix"},
      {"backup:\n  key_file: keys/backup\n", "staging.yml:3: backup.key_file is no absolute path"},
      {"region: us-west-2\n"
       "ssl_certificate_arn: \"arn:aws:acm:us-west-2:123456789:certificate/yyy\"\n",
       "staging.yml:3: ssl_certificate_arn has an account of 9 characters; AWS accounts have 12 "
       "digits"},
      {"region: us-west-2\n"
       "ssl_certificate_arn: \"arn:aws:acm:eu-west-1:123456789012:certificate/yyy\"\n",
       "staging.yml:3: ssl_certificate_arn is in region eu-west-1, the environment in us-west-2"},
      {"target: aws\n", "staging.yml: target aws needs region"},
      {"target: aws\nregion: us-west-2\ndb_instance_class: db.t3.medium\n"
       "redis_node_type: cache.t3.small\napp_instance_type: t3.medium\n",
       "staging.yml:6: app_instance_type 't3.medium' is no size of a Fargate task"},
      {"ai_service:\n  url: ftp://x\n",
       "staging.yml:3: ai_service.url is no http or https address"},
  };
  for (const auto& [lines, message] : cases) EXPECT_EQ(broken_rule(lines), message);
  EXPECT_TRUE(broken_rule("backup:\n  schedule: 0 25 * * *\n")
                  .starts_with("staging.yml:3: backup.schedule: "));
}

TEST(Environment, ANameThatPromisesProtectionsNeedsTheirClass) {
  for (const std::string name : {"production", "recovery-production"}) {
    const auto bare = EnvironmentFile::parse("workers: 1\n", name, "p.yml");
    ASSERT_FALSE(bare);
    EXPECT_EQ(bare.error().message, "p.yml: environment " + name +
                                        " has class development, without production's protections");
    EXPECT_TRUE(EnvironmentFile::parse("class: production\n", name, "p.yml"));
  }
  EXPECT_TRUE(EnvironmentFile::parse("class: production\n", "customer-a", "a.yml"));
  EXPECT_NE(problem("workers: 1\n"), "") << "staging without its class";
}

TEST(Environment, RefusesSecretsInAddressesAndPathsWithoutShowingThem) {
  for (const std::string lines :
       {"ai_service:\n  url: https://bob:hunter2hunter2@ai.example.com/\n",
        "apm:\n  server_url: bob:hunter2hunter2@apm\n",
        "backup:\n  key_file: hunter2hunter2hunter2hunter2hunter2\n",
        "backup:\n  location: s3://bob:hunter2hunter2@bucket\n"}) {
    const std::string message = broken_rule(lines);
    EXPECT_TRUE(message.starts_with("staging.yml:3: ")) << message;
    EXPECT_EQ(message.find("hunter2"), std::string::npos) << message;
  }
}

TEST(Environment, AVariableGoesBeforeTheFileAndTheFileBeforeTheDefault) {
  const Environment variables{{"AUTERITY_WORKERS", "4"}, {"AUTERITY_CLASS", "development"}};
  const auto read = EnvironmentFile::parse("class: staging\nworkers: 2\nports:\n  public: 8001\n",
                                           "staging", "staging.yml", variables);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->number("workers"), 4);
  EXPECT_EQ(read->source("workers"), "AUTERITY_WORKERS");
  EXPECT_EQ(read->source("ports.public"), "staging.yml:4");
  EXPECT_EQ(read->source("deploy.bake_s"), "default");
  EXPECT_EQ(read->source("apm.server_url"), "not set");
  EXPECT_EQ(read->text("class"), "staging") << "protections are said in the file alone";
  const auto wrong = EnvironmentFile::parse("class: staging\n", "staging", "staging.yml",
                                            {{"AUTERITY_WORKERS", "many"}});
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().message, "AUTERITY_WORKERS is not a whole number from 0 to 100");
}

TEST(Environment, ThePageOfKeysIsTheTable) {
  const char* source = std::getenv("AUTERITY_SOURCE_DIR");
  if (source == nullptr) GTEST_SKIP() << "AUTERITY_SOURCE_DIR is not set; ctest sets it";
  DiskFiles files;
  const auto page = files.read(std::string(source) + "/docs/operating/environments.md", 1u << 20);
  ASSERT_TRUE(page) << page.error().message;
  EXPECT_NE(page->find(environment_reference()), std::string::npos)
      << "put the output of `auterity settings --reference` into the page";
}

TEST(Environment, SurvivesDeepAndCyclicInput) {
  EXPECT_NE(problem(std::string(100'000, '[')), "");
  EXPECT_NE(problem("ports: &a\n  public: *a\n"), "");
}

TEST(Environment, OnlyDevelopmentNeedsNoFile) {
  MemoryFiles files;
  const auto development = load_environment(files, {"/etc"}, "development");
  ASSERT_TRUE(development);
  EXPECT_EQ(development->text("class"), "development");
  const auto other = load_environment(files, {"/etc"}, "prodution");
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().kind, ErrorKind::not_found);
}

TEST(Environment, TheProjectsOwnFilesAreValid) {
  const char* source = std::getenv("AUTERITY_SOURCE_DIR");
  if (source == nullptr) GTEST_SKIP() << "AUTERITY_SOURCE_DIR is not set; ctest sets it";
  DiskFiles files;
  const std::string folder = std::string(source) + "/infrastructure/environments";
  for (const std::string name : {"development", "staging", "production"}) {
    const auto read = load_environment(files, {folder}, name);
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(read->text("class"), name);
    EXPECT_FALSE(read->file().empty());
  }
}

}  // namespace
}  // namespace auterity::operations
