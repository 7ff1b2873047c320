#include "targets/local/layout.h"

#include <gtest/gtest.h>

namespace auterity::local {
namespace {

TEST(Layout, FollowsTheContract) {
  const auto root = make_layout({.user_id = 0}, "staging");
  ASSERT_TRUE(root);
  EXPECT_EQ(root->state(), "/var/lib/auterity/staging");
  EXPECT_EQ(root->backup_key(), "/etc/auterity/staging-backup.key");
  const auto person = make_layout(
      {.xdg_state_home = "/home/p/.state", .xdg_runtime_dir = "/run/user/7", .user_id = 7},
      "staging");
  ASSERT_TRUE(person);
  EXPECT_EQ(person->state(), "/home/p/.state/auterity/staging");
  EXPECT_EQ(person->run.parent_path(), "/run/user/7/auterity");
  const auto plain = make_layout({.home = "/home/p", .user_id = 7}, "staging");
  ASSERT_TRUE(plain);
  EXPECT_EQ(plain->home, "/home/p/.local/state/auterity");
  EXPECT_EQ(plain->run.parent_path(), "/tmp/auterity-7");
  EXPECT_EQ(plain->backup_key(), "/home/p/.config/auterity/staging-backup.key");
  const auto moved = make_layout(
      {.xdg_config_home = "/home/p/.settings", .home = "/home/p", .user_id = 7}, "staging");
  EXPECT_EQ(moved->backup_key(), "/home/p/.settings/auterity/staging-backup.key");
  const auto relative =
      make_layout({.auterity_home = "state", .user_id = 7, .working_directory = "/w"}, "staging");
  ASSERT_TRUE(relative);
  EXPECT_EQ(relative->home, "/w/state");
}

TEST(Layout, SocketsStayWithinTheLimitOfUnixAddresses) {
  const auto deep = make_layout(
      {.auterity_home = "/" + std::string(300, 'd'), .user_id = 4294967294}, std::string(40, 'e'));
  ASSERT_TRUE(deep);
  EXPECT_LE(deep->socket("worker-64.metrics").string().size(), 107u);
  EXPECT_LE((deep->run / ".s.PGSQL.65535").string().size(), 107u);
}

TEST(Layout, KeepsTheSameNameInTwoHomesApart) {
  const auto one = make_layout({.auterity_home = "/a"}, "development");
  const auto two = make_layout({.auterity_home = "/b"}, "development");
  EXPECT_NE(one->run, two->run);
}

TEST(Layout, RefusesHomesThatScriptsCouldNotName) {
  for (const std::string home : {"/a b", "/a;b", "/a'b", "/a$b", "/a\nb"}) {
    const auto refused = make_layout({.auterity_home = home}, "development");
    ASSERT_FALSE(refused) << home;
    EXPECT_FALSE(refused.error().hint.empty());
  }
}

TEST(Layout, RefusesNamesThatCannotBeFolders) {
  for (const std::string name : {"", "..", "a/b", "Backups", "backups", "-a", "1a", "a b"}) {
    const auto refused = make_layout({.auterity_home = "/a"}, name);
    ASSERT_FALSE(refused) << name;
    EXPECT_EQ(refused.error().kind, ErrorKind::invalid_input);
  }
}

}  // namespace
}  // namespace auterity::local
