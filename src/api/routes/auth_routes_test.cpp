#include <boost/json/array.hpp>
#include <set>

#include "api/routes/route_groups.h"
#include "harness/api_fixture.h"

namespace auterity::api {
namespace {

class AuthRoutesTest : public ApiFixture {
 protected:
  Reply refresh(const std::string& token) {
    return post("/api/auth/refresh", R"({"refresh_token":")" + token + "\"}");
  }
};

TEST_F(AuthRoutesTest, SignsInWithTheRightPasswordOnly) {
  const Reply good = log_in("Admin@Example.org");
  EXPECT_EQ(good.status, 200) << good.text;
  EXPECT_EQ(good.field("token_type"), "bearer");
  EXPECT_EQ(good.field("expires_in"), "900");
  EXPECT_EQ(get("/api/users/me").field("role"), "admin");
  EXPECT_EQ(get("/api/v1/users/me").field("email"), "admin@example.org");
  const Reply wrong = log_in("admin@example.org", "wrong horse battery");
  const Reply unknown = log_in("nobody@example.org");
  EXPECT_EQ(wrong.status, 401);
  EXPECT_EQ(unknown.status, 401);
  EXPECT_EQ(wrong.field("detail"), unknown.field("detail"))
      << "an answer must not tell which accounts exist";
  EXPECT_EQ(wrong.header("www-authenticate"), "Bearer realm=\"auterity\"");
}

TEST_F(AuthRoutesTest, NamesWhatIsWrongWithTheBody) {
  const Reply answer = post("/api/auth/login", R"({"email":"a@b.c","passwort":"x"})");
  EXPECT_EQ(answer.status, 400);
  EXPECT_NE(answer.field("detail").find("/password is required"), std::string::npos);
  EXPECT_NE(answer.field("detail").find("/passwort is not known"), std::string::npos);
  EXPECT_EQ(post("/api/auth/login", "{").status, 400);
  EXPECT_EQ(post("/api/auth/login", "<a/>", {{"content-type", "application/xml"}}).status, 415);
  EXPECT_EQ(post("/api/auth/login", std::string(9000, ' ')).status, 413);
  EXPECT_EQ(send("DELETE", "/api/auth/login").header("allow"), "POST, OPTIONS");
}

TEST_F(AuthRoutesTest, RotatesRefreshTokensAndEndsASessionWhoseTokenWasCopied) {
  const Reply first = log_in("editor@example.org");
  const Reply second = refresh(first.field("refresh_token"));
  ASSERT_EQ(second.status, 200) << second.text;
  EXPECT_NE(second.field("refresh_token"), first.field("refresh_token"));
  token_ = second.field("access_token");
  EXPECT_EQ(get("/api/users/me").status, 200);
  // Somebody uses the old one: nobody can tell the thief from the owner, so that both are signed
  // out.
  EXPECT_EQ(refresh(first.field("refresh_token")).status, 401);
  EXPECT_EQ(refresh(second.field("refresh_token")).status, 401);
  const Reply after = get("/api/users/me");
  EXPECT_EQ(after.status, 401);
  EXPECT_NE(after.field("detail").find("revoked"), std::string::npos);
  EXPECT_EQ(refresh("nonsense").status, 401);
}

TEST_F(AuthRoutesTest, LogoutEndsTheSession) {
  const Reply tokens = log_in("viewer@example.org");
  EXPECT_EQ(post("/api/auth/logout").status, 204);
  EXPECT_EQ(get("/api/users/me").status, 401);
  EXPECT_EQ(refresh(tokens.field("refresh_token")).status, 401);
  token_.clear();
  EXPECT_EQ(post("/api/auth/logout").status, 401);
}

TEST_F(AuthRoutesTest, LimitsAttempts) {
  int refused = 0;
  for (int i = 0; i < 12; ++i)
    refused += log_in("admin@example.org", "wrong horse battery").status == 429 ? 1 : 0;
  EXPECT_EQ(refused, 2);
  const Reply answer = log_in("admin@example.org");
  EXPECT_EQ(answer.status, 429) << "the right password does not get round the limit";
  EXPECT_FALSE(answer.header("retry-after").empty());
  EXPECT_EQ(log_in("viewer@example.org").status, 200) << "others sign in";
}

TEST_F(AuthRoutesTest, AdministersUsers) {
  log_in("admin@example.org");
  const Reply created =
      post("/api/users",
           R"({"email":"New@Example.org","password":"correct horse","role":"editor","name":"N"})");
  ASSERT_EQ(created.status, 201) << created.text;
  EXPECT_EQ(created.field("email"), "new@example.org");
  EXPECT_EQ(created.text.find("argon2"), std::string::npos);
  EXPECT_EQ(created.header("location"), "/api/users/" + created.field("id"));
  const std::string path = "/api/users/" + created.field("id");
  EXPECT_EQ(get(path).field("role"), "editor");
  EXPECT_EQ(post("/api/users", R"({"email":"new@example.org","password":"correct horse"})").status,
            409);
  EXPECT_EQ(post("/api/users", R"({"email":"x@example.org","password":"short"})").status, 400);
  EXPECT_EQ(
      post("/api/users", R"({"email":"x@example.org","password":"correct horse","role":"root"})")
          .status,
      400);
  EXPECT_EQ(send("PATCH", path, R"({"role":"viewer"})").field("role"), "viewer");
  EXPECT_EQ(send("PATCH", path, R"({"email":"y@example.org"})").status, 400);
  EXPECT_EQ(get("/api/users/00000000-0000-7000-8000-000000000000").status, 404);
  EXPECT_EQ(get("/api/users/nonsense").status, 400);
}

TEST_F(AuthRoutesTest, ListsUsersPageByPage) {
  log_in("admin@example.org");
  // Made within one millisecond, so that their order is any; nobody is left out or shown twice.
  std::multiset<std::string> seen;
  std::string cursor;
  do {
    const Reply page = get("/api/users?limit=3" + (cursor.empty() ? "" : "&cursor=" + cursor));
    ASSERT_EQ(page.status, 200) << page.text;
    for (const Json& user : find_member(page.body, "items")->as_array())
      seen.emplace(string_or(find_member(user, "email"), ""));
    cursor = std::string(string_or(find_member(page.body, "next_cursor"), ""));
  } while (!cursor.empty());
  EXPECT_EQ(seen, (std::multiset<std::string>{"viewer@example.org", "editor@example.org",
                                              "operator@example.org", "admin@example.org"}));
  EXPECT_EQ(get("/api/users?limit=0").status, 400);
  EXPECT_EQ(get("/api/users?cursor=x").status, 400);
}

TEST_F(AuthRoutesTest, KeepsTheLastAdministrator) {
  log_in("admin@example.org");
  const std::string own = "/api/users/" + get("/api/users/me").field("id");
  EXPECT_EQ(send("PATCH", own, R"({"role":"viewer"})").status, 409);
  EXPECT_EQ(send("PATCH", own, R"({"disabled":true})").status, 409);
  EXPECT_EQ(get("/api/users/me").status, 200) << "a refused change ends no session";
  const Reply other = post(
      "/api/users", R"({"email":"second@example.org","password":"correct horse","role":"admin"})");
  EXPECT_EQ(send("PATCH", own, R"({"role":"viewer"})").status, 200);
  EXPECT_EQ(get("/api/users/me").status, 401) << "what the token says is no longer so";
  log_in("admin@example.org");
  EXPECT_EQ(get("/api/users").status, 403);
}

TEST_F(AuthRoutesTest, DisablingAnAccountEndsItsSessionsAtOnce) {
  const Reply editor = log_in("editor@example.org");
  const std::string id = get("/api/users/me").field("id");
  log_in("admin@example.org");
  EXPECT_EQ(send("PATCH", "/api/users/" + id, R"({"disabled":true})").status, 200);
  token_ = editor.field("access_token");
  EXPECT_EQ(get("/api/users/me").status, 401);
  EXPECT_EQ(refresh(editor.field("refresh_token")).status, 401);
  EXPECT_EQ(log_in("editor@example.org").status, 401);
}

// Every route that needs a token, with none, with a forged one and with a role too low.
TEST_F(AuthRoutesTest, GuardsEveryRoute) {
  log_in("viewer@example.org");
  const std::string viewer = token_;
  for (const Route& route : api_routes()) {
    if (route.permission == Permission::public_access || route.open_to_this_machine) continue;
    std::string path(route.path);
    if (const auto open = path.find('{'); open != std::string::npos)
      path.replace(open, path.find('}') - open + 1, "00000000-0000-7000-8000-000000000000");
    const std::string method(to_text(route.method));
    token_.clear();
    EXPECT_EQ(send(method, path).status, 401) << method << " " << path;
    token_ = "eyJhbGciOiJub25lIn0.e30.";
    EXPECT_EQ(send(method, path).status, 401) << method << " " << path;
    token_ = viewer;
    if (!is_allowed(Role::viewer, route.permission)) {
      const Reply refused = send(method, path);
      EXPECT_EQ(refused.status, 403) << method << " " << path;
      EXPECT_FALSE(refused.field("hint").empty());
    }
  }
}

}  // namespace
}  // namespace auterity::api
