#include "api/routing/query_check.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "api/routes/route_groups.h"

namespace auterity::api {
namespace {

const Route& route_named(const std::vector<Route>& routes, std::string_view name) {
  return *std::ranges::find(routes, name, &Route::name);
}

class QueryCheckTest : public ::testing::Test {
 protected:
  // "" when it is taken, else the message and the hint.
  std::string answer(std::string_view name, std::string_view query) const {
    const Status known = check_query(route_named(routes_, name), query);
    if (known) return {};
    EXPECT_EQ(known.error().kind, ErrorKind::invalid_input);
    return known.error().message + "; " + known.error().hint;
  }

  std::vector<Route> routes_ = api_routes();
};

TEST_F(QueryCheckTest, TakesWhatTheRouteDeclares) {
  EXPECT_EQ(answer("listExecutions", ""), "");
  EXPECT_EQ(answer("listExecutions", "status=running&limit=5&cursor=x&workflow_id=y"), "");
  EXPECT_EQ(answer("listExecutions", "stat%75s=running&"), "");
  EXPECT_EQ(answer("uploadFile", "name=a%20b.txt"), "");
}

TEST_F(QueryCheckTest, NamesTheMistakeAndWhatWasMeant) {
  EXPECT_EQ(answer("listExecutions", "statsu=running"),
            "there is no query parameter 'statsu' here; did you mean status?");
  EXPECT_EQ(answer("listWorkflows", "page=2"),
            "there is no query parameter 'page' here; this path takes: limit cursor");
  EXPECT_EQ(answer("getWorkflow", "x"),
            "there is no query parameter 'x' here; leave it out: this path takes no query "
            "parameters");
  EXPECT_EQ(answer("listWorkflows", "limit=1&limit=2"),
            "the query parameter limit is given twice; give it once");
  EXPECT_NE(answer("listWorkflows", "limit=%zz").find("malformed escape"), std::string::npos);
}

TEST_F(QueryCheckTest, RepeatsNothingThatIsNoWord) {
  EXPECT_NE(answer("listWorkflows", "%ff=1").find("of that name"), std::string::npos);
  EXPECT_NE(answer("listWorkflows", std::string(5000, 'x')).find("of that name"),
            std::string::npos);
}

TEST_F(QueryCheckTest, LetsMonitorsKeepCachesOut) {
  EXPECT_EQ(answer("getHealth", "t=1700000000"), "");
}

}  // namespace
}  // namespace auterity::api
