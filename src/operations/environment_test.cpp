#include "operations/environment.h"

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
  EXPECT_EQ(problem("app_desired_capacity: 20\n"),
            "staging.yml:1: app_desired_capacity is not between app_min_capacity and "
            "app_max_capacity");
  EXPECT_EQ(problem("ports:\n  address: localhost; x\n"),
            "staging.yml:2: ports.address: 'localhost; x' is no IPv4 address and not *");
  EXPECT_EQ(problem("\n- a\n"), "staging.yml:1: not a mapping of keys to values");
  EXPECT_TRUE(problem("a: [\n").starts_with("staging.yml:"));
}

TEST(Environment, RefusesASecretInPlaceOfAReferenceWithoutShowingIt) {
  const std::string message = problem("apm:\n  secret_token: hunter2hunter2\n");
  EXPECT_TRUE(message.starts_with("staging.yml:2: apm.secret_token must be a reference"));
  EXPECT_EQ(message.find("hunter2"), std::string::npos);
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
