#include "api/routing/router.h"

#include <gtest/gtest.h>

#include "api/routes/route_groups.h"

namespace auterity::api {
namespace {

class RouterTest : public testing::Test {
 protected:
  std::string_view name_of(Method method, std::string_view path) const {
    const Router::Match match = router_.find(method, path);
    return match.route ? match.route->name : match.path_exists ? "method" : "path";
  }

  std::vector<Route> routes_ = api_routes();
  Router router_{routes_};
};

TEST_F(RouterTest, FindsEveryRouteAndItsTwin) {
  for (const Route& route : routes_) {
    std::string path(route.path);
    if (const auto open = path.find('{'); open != std::string::npos)
      path.replace(open, path.find('}') - open + 1, "some-id");
    EXPECT_EQ(name_of(route.method, path), route.name);
    EXPECT_EQ(name_of(route.method, versioned_path(path)), route.name);
  }
}

TEST_F(RouterTest, TellsAnUnknownPathFromAnUnknownMethod) {
  EXPECT_EQ(name_of(Method::get, "/api/nothing"), "path");
  EXPECT_EQ(name_of(Method::get, "/"), "path");
  EXPECT_EQ(name_of(Method::get, "/api"), "path");
  EXPECT_EQ(name_of(Method::get, "/api/workflows/"), "path");
  EXPECT_EQ(name_of(Method::get, "/api/workflows//versions"), "path");
  EXPECT_EQ(name_of(Method::get, "/api/workflows/a/b"), "path");
  EXPECT_EQ(name_of(Method::get, "/api/v1/v1/health"), "path");
  EXPECT_EQ(name_of(Method::delete_, "/api/health"), "method");
  EXPECT_EQ(name_of(Method::other, "/api/health"), "method");
}

TEST_F(RouterTest, PrefersALiteralOverAParameter) {
  EXPECT_EQ(name_of(Method::get, "/api/users/me"), "getOwnAccount");
  EXPECT_EQ(name_of(Method::get, "/api/users/you"), "getUser");
}

TEST_F(RouterTest, GivesTheParameterAsSent) {
  EXPECT_EQ(router_.find(Method::get, "/api/secrets/a%2Fb").parameter, "a%2Fb");
  EXPECT_EQ(router_.find(Method::post, "/api/v1/executions/x/cancel").parameter, "x");
}

TEST_F(RouterTest, AnswersHeadByGetAndNamesTheMethods) {
  EXPECT_EQ(name_of(Method::head, "/api/health"), "getHealth");
  EXPECT_EQ(name_of(Method::head, "/api/auth/login"), "method");
  EXPECT_EQ(Router::allowed_methods(router_.find(Method::put, "/api/users")),
            "GET, HEAD, POST, OPTIONS");
  EXPECT_EQ(Router::allowed_methods(router_.find(Method::put, "/api/auth/login")), "POST, OPTIONS");
}

}  // namespace
}  // namespace auterity::api
