#include "api/auth/permissions.h"

#include <gtest/gtest.h>

#include <array>
#include <set>

#include "api/auth/password_hasher.h"
#include "api/auth/user_store.h"
#include "api/routes/route_groups.h"

namespace auterity::api {
namespace {

TEST(Permissions, AreGrantedByRole) {
  struct Row {
    Permission permission;
    std::set<Role> roles;
  };
  const std::array rows{
      Row{Permission::public_access, {Role::viewer, Role::editor, Role::operator_, Role::admin}},
      Row{Permission::signed_in, {Role::viewer, Role::editor, Role::operator_, Role::admin}},
      Row{Permission::view, {Role::viewer, Role::editor, Role::operator_, Role::admin}},
      Row{Permission::edit, {Role::editor, Role::operator_, Role::admin}},
      Row{Permission::control, {Role::editor, Role::operator_, Role::admin}},
      Row{Permission::manage_secrets, {Role::operator_, Role::admin}},
      Row{Permission::operate, {Role::operator_, Role::admin}},
      Row{Permission::manage_users, {Role::admin}}};
  for (const Row& row : rows)
    for (const Role role : {Role::viewer, Role::editor, Role::operator_, Role::admin})
      EXPECT_EQ(is_allowed(role, row.permission), row.roles.contains(role))
          << to_text(role) << " may " << purpose_of(row.permission);
}

TEST(Permissions, RolesReadBackAsTheyAreWritten) {
  for (const Role role : {Role::viewer, Role::editor, Role::operator_, Role::admin})
    EXPECT_EQ(parse_role(to_text(role)), role);
  EXPECT_EQ(parse_role("root"), std::nullopt);
  EXPECT_EQ(parse_role(""), std::nullopt);
}

// A route that anybody may call is a decision, not an oversight.
TEST(Permissions, TheRoutesThatNeedNoTokenAreThese) {
  std::set<std::string_view> open;
  for (const Route& route : api_routes())
    if (route.permission == Permission::public_access) open.insert(route.path);
  EXPECT_EQ(open, (std::set<std::string_view>{"/api/auth/login", "/api/auth/refresh", "/api/health",
                                              "/api/health/detailed", "/api/health/liveness",
                                              "/api/health/readiness", "/api/openapi.json"}));
  for (const Route& route : api_routes())
    EXPECT_EQ(route.open_to_this_machine, route.path == "/metrics") << route.path;
}

TEST(Passwords, AreCheckedBeforeTheyAreTaken) {
  const std::string email = "someone@example.org";
  EXPECT_TRUE(check_password("correct horse", email));
  EXPECT_TRUE(check_password(std::string(200, 'x') + "abc", email));
  for (const std::string& wrong :
       {std::string("short"), std::string("aaaaaaaaaaaa"), std::string("password"),
        std::string("PASSWORD1"), email, std::string("Someone"), std::string(300, 'x') + "abc"})
    EXPECT_FALSE(check_password(wrong, email)) << wrong;
}

TEST(Emails, AreNormalised) {
  EXPECT_EQ(*normal_email("Some.One@Example.ORG"), "some.one@example.org");
  for (const char* wrong : {"", "a", "@b", "a@", "a@b@c", "a b@c", "a@b\n"})
    EXPECT_FALSE(normal_email(wrong)) << wrong;
  EXPECT_FALSE(normal_email(std::string(250, 'a') + "@b.org"));
}

}  // namespace
}  // namespace auterity::api
