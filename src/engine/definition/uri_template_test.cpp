#include "engine/definition/uri_template.h"

#include <gtest/gtest.h>

namespace auterity::engine {
namespace {

const Json kInput{{"id", 7},         {"name", "a b/ü?"}, {"ratio", 1.5},   {"on", true},
                  {"none", nullptr}, {"pet.id", "dot"},  {"list", {1, 2}}, {"map", {{"a", 1}}},
                  {"safe", "-._~"},  {"half", "50%"}};

std::string expanded(std::string_view text) {
  const auto result = expand_uri_template(text, kInput);
  return result ? *result : "error: " + result.error().message;
}

TEST(UriTemplate, ExpandsTopLevelMembers) {
  EXPECT_EQ(expanded("https://x.io/pets/{id}?q={name}"), "https://x.io/pets/7?q=a%20b%2F%C3%BC%3F");
  EXPECT_EQ(expanded("/relative/{ratio}/{on}"), "/relative/1.5/true");
  EXPECT_EQ(expanded("{pet.id}"), "dot");
  EXPECT_EQ(expanded("{safe}{half}"), "-._~50%25");
  EXPECT_EQ(expanded("{id}{id}"), "77");
  EXPECT_EQ(expanded("no-variables?a=b&c=[d]#f"), "no-variables?a=b&c=[d]#f");
}

TEST(UriTemplate, MissingAndNullAreEmpty) {
  EXPECT_EQ(expanded("/{missing}/{none}/"), "///");
  EXPECT_EQ(expand_uri_template("/{a}", Json("text")), "/");
  EXPECT_EQ(expand_uri_template("/{a}", Json(nullptr)), "/");
}

TEST(UriTemplate, ListsOfNamesFollowTheStandard) {
  EXPECT_EQ(expanded("/{id,ratio}"), "/7,1.5");
  EXPECT_EQ(expanded("/{missing,id}"), "/7");
  EXPECT_EQ(expanded("/{id,missing}"), "/7");
}

TEST(UriTemplate, StructuresAreAnError) {
  EXPECT_EQ(expanded("/{list}"),
            "error: 'list' in the URI template is a list, not a text, number or boolean");
  EXPECT_EQ(expanded("/{map}"),
            "error: 'map' in the URI template is a map, not a text, number or boolean");
}

TEST(UriTemplate, EncodesLiteralsThatAUriCannotHold) {
  EXPECT_EQ(expanded("/größe/%C3%BC|"), "/gr%C3%B6%C3%9Fe/%C3%BC%7C");
}

TEST(UriTemplate, RefusesMalformedTemplates) {
  for (const std::string_view text :
       {"", "/a b", "/a\n", "/{", "/{id", "/id}", "/{}", "/{+id}", "/{#id}", "/{?id}", "/{id*}",
        "/{id:3}", "/{a{b}}", "/{a b}", "/{ü}", "/100%", "/%zz", "/a#b#c", "/{a%2}"}) {
    const auto status = check_uri_template(text);
    ASSERT_FALSE(status) << text;
    EXPECT_EQ(status.error().kind, ErrorKind::invalid_input);
    EXPECT_FALSE(status.error().hint.empty()) << text;
    EXPECT_FALSE(expand_uri_template(text, kInput)) << text;
  }
}

}  // namespace
}  // namespace auterity::engine
