// Workflows and secrets on a real PostgreSQL.
#include "engine/store/postgres_workflow_store.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "engine/definition/parser.h"
#include "engine/store/postgres_secret_store.h"
#include "harness/store_fixture.h"

namespace auterity::engine {
namespace {

using std::chrono::seconds;
using testing::ElementsAre;
using testing::SizeIs;

DefinitionPtr definition(std::string_view version, std::string_view name = "report",
                         std::string_view value = "1", std::string_view schedule = "") {
  auto parsed = parse_definition(fmt::format(
      "document:\n  dsl: '1.0.0'\n  namespace: test\n  name: {}\n  version: '{}'\n{}do:\n"
      "  - set:\n      set:\n        value: {}\n",
      name, version, schedule, value));
  if (!parsed) throw std::runtime_error(to_text(parsed.error().front(), "test"));
  return *parsed;
}

class PostgresWorkflowStoreTest : public StoreFixture {
 protected:
  PostgresWorkflowStore& workflows() {
    if (!workflows_)
      workflows_ =
          std::make_unique<PostgresWorkflowStore>(loop_.executor(), database(), clock_, random_);
    return *workflows_;
  }
  WorkflowView published(DefinitionPtr what) {
    auto outcome = run(workflows().publish(std::move(what), "user-1"));
    EXPECT_TRUE(outcome) << outcome.error().message;
    return outcome->workflow;
  }
  std::unique_ptr<PostgresWorkflowStore> workflows_;
};

TEST_F(PostgresWorkflowStoreTest, APublishedVersionNeverChanges) {
  auto first = run(workflows().publish(definition("1.0.0"), "user-1"));
  ASSERT_TRUE(first) << first.error().message;
  EXPECT_TRUE(first->created);
  auto again = run(workflows().publish(definition("1.0.0"), "user-2"));
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_FALSE(again->created);
  EXPECT_EQ(again->workflow.id, first->workflow.id);
  EXPECT_EQ(again->workflow.created_by, "user-1");
  auto different = run(workflows().publish(definition("1.0.0", "report", "2"), "user-1"));
  ASSERT_FALSE(different);
  EXPECT_EQ(different.error().kind, ErrorKind::conflict);
  auto found = run(workflows().find(first->workflow.id));
  ASSERT_TRUE(found);
  EXPECT_EQ(found->definition, definition("1.0.0")->source);
  EXPECT_EQ(found->checksum, first->workflow.checksum);
}

TEST_F(PostgresWorkflowStoreTest, LatestIsTheNewestBySemanticVersion) {
  published(definition("1.10.0"));
  published(definition("1.9.0"));
  published(definition("2.0.0-rc.1"));
  auto latest = run(workflows().find_by_name("test", "report", "latest"));
  ASSERT_TRUE(latest);
  EXPECT_EQ(latest->version, "2.0.0-rc.1");
  EXPECT_EQ(run(workflows().find_by_name("test", "report", "1.9.0"))->version, "1.9.0");
  EXPECT_EQ(run(workflows().find_by_name("test", "report", "3.0.0")).error().kind,
            ErrorKind::not_found);
  std::vector<std::string> versions;
  for (const auto& view : *run(workflows().versions(latest->id))) versions.push_back(view.version);
  EXPECT_THAT(versions, ElementsAre("2.0.0-rc.1", "1.10.0", "1.9.0"));
}

TEST_F(PostgresWorkflowStoreTest, RemovedIsHiddenButItsExecutionsGoOn) {
  const Uuid id = published(definition("1.0.0")).id;
  ASSERT_TRUE(run(workflows().definition_to_start(id)));
  ASSERT_TRUE(run(workflows().remove(id)));
  EXPECT_EQ(run(workflows().find(id)).error().kind, ErrorKind::not_found);
  EXPECT_EQ(run(workflows().remove(id)).error().kind, ErrorKind::not_found);
  EXPECT_THAT(*run(workflows().list(std::nullopt, 10)), SizeIs(0));
  EXPECT_EQ(run(workflows().definition_to_start(id)).error().kind, ErrorKind::not_found);
  auto still = run(workflows().definition(id));
  ASSERT_TRUE(still);
  EXPECT_EQ((*still)->name, "report");
  auto again = run(workflows().publish(definition("1.0.0"), "user-1"));
  ASSERT_TRUE(again);
  EXPECT_EQ(again->workflow.id, id);
  EXPECT_TRUE(run(workflows().find(id)));
  EXPECT_TRUE(run(workflows().definition_to_start(id)));
}

TEST_F(PostgresWorkflowStoreTest, AnotherProcessHearsOfARemoval) {
  const Uuid id = published(definition("1.0.0")).id;
  PostgresWorkflowStore impatient(loop_.executor(), database(), clock_, random_,
                                  {.removal_seen_within = seconds(0)});
  ASSERT_TRUE(run(impatient.definition_to_start(id)));
  ASSERT_TRUE(run(workflows().remove(id)));
  EXPECT_EQ(run(impatient.definition_to_start(id)).error().kind, ErrorKind::not_found);
}

TEST_F(PostgresWorkflowStoreTest, ListsAreNewestFirst) {
  const Uuid one = published(definition("1.0.0", "one")).id;
  clock_.advance(seconds(1));
  const Uuid two = published(definition("1.0.0", "two")).id;
  auto page = run(workflows().list(std::nullopt, 1));
  ASSERT_THAT(*page, SizeIs(1));
  EXPECT_EQ(page->front().id, two);
  page = run(workflows().list(two, 10));
  ASSERT_THAT(*page, SizeIs(1));
  EXPECT_EQ(page->front().id, one);
}

TEST_F(PostgresWorkflowStoreTest, AScheduleComesWithItsDefinition) {
  const Uuid plain = published(definition("1.0.0", "plain")).id;
  const Uuid timed =
      published(definition("1.0.0", "timed", "1", "schedule:\n  cron: '0 * * * *'\n")).id;
  EXPECT_EQ(sql("SELECT string_agg(workflow_id::text, ' ') FROM schedules"), to_text(timed));
  EXPECT_NE(plain, timed);
}

class PostgresSecretStoreTest : public StoreFixture {
 protected:
  PostgresSecretStore secrets(char digit = 'a') {
    return {database(), clock_, key_random_, *SecretBox::from_key(std::string(64, digit))};
  }
  SystemRandom key_random_;
};

TEST_F(PostgresSecretStoreTest, ValuesGoInSealedAndComeOut) {
  auto store = secrets();
  ASSERT_TRUE(run(store.put("token", Json{{"username", "anna"}}, "user-1")));
  ASSERT_TRUE(run(store.put("b.key", "plain", "user-1")));
  ASSERT_TRUE(run(store.put("token", Json{{"username", "berta"}}, "user-1")));
  EXPECT_EQ(
      sql("SELECT count(*) FROM secrets WHERE sealed LIKE '%berta%' OR sealed LIKE '%plain%'"),
      "0");
  EXPECT_THAT(*run(store.names()), ElementsAre("b.key", "token"));
  auto values = run(store.resolve({"token", "b.key", "missing"}));
  ASSERT_TRUE(values) << values.error().message;
  EXPECT_EQ(*values, (JsonObject{{"token", {{"username", "berta"}}}, {"b.key", "plain"}}));
  ASSERT_TRUE(run(store.remove("token")));
  EXPECT_EQ(run(store.remove("token")).error().kind, ErrorKind::not_found);
}

TEST_F(PostgresSecretStoreTest, AWrongKeyIsToldFromDamage) {
  auto store = secrets(), other = secrets('b');
  ASSERT_TRUE(run(store.put("token", "value", "user-1")));
  auto wrong = run(other.resolve({"token"}));
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().kind, ErrorKind::not_ready);
  EXPECT_NE(wrong.error().hint.find("AUTERITY_SECRETS_KEY"), std::string::npos);
  sql("UPDATE secrets SET sealed = 'AAAA' || substr(sealed, 5)");
  EXPECT_EQ(run(store.resolve({"token"})).error().kind, ErrorKind::internal);
}

TEST_F(PostgresSecretStoreTest, NamesAndSizesAreChecked) {
  auto store = secrets();
  for (const std::string& name : {std::string(), std::string("a b"), std::string(129, 'a')})
    EXPECT_EQ(run(store.put(name, 1, "")).error().kind, ErrorKind::invalid_input) << name;
  EXPECT_EQ(run(store.put("large", Json(std::string(70'000, 'x')), "")).error().kind,
            ErrorKind::too_large);
}

}  // namespace
}  // namespace auterity::engine
