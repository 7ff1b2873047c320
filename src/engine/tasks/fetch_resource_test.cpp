#include "engine/tasks/fetch_resource.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/memory_files.h"
#include "harness/event_loop.h"

namespace auterity::engine {
namespace {

using testing::HasSubstr;

class OneAnswer final : public HttpClient {
 public:
  Async<Result<HttpResponse>> send(HttpRequest request) override {
    asked = request.url;
    co_return answer;
  }
  Result<HttpResponse> answer;
  std::string asked;
};

class FetchResourceTest : public testing::Test {
 protected:
  EffectOutcome fetch(std::string uri, bool with_files = true) {
    std::optional<LocalResources> local;
    if (with_files) local.emplace(LocalResources{files_, "/work flows"});
    const auto performer = make_fetch_resource_performer(client_, std::move(local));
    EffectRequest request;
    request.kind = EffectKind::fetch_resource;
    request.arguments = JsonObject{{"uri", std::move(uri)}};
    return loop_.run(performer->perform(std::move(request)));
  }

  harness::EventLoop loop_;
  MemoryFiles files_;
  OneAnswer client_;
};

TEST_F(FetchResourceTest, RelativeReferencesAreFilesBesideTheDefinition) {
  ASSERT_TRUE(files_.create_directories("/work flows/schemas", 0755));
  ASSERT_TRUE(files_.write_atomically("/work flows/schemas/a b.yaml", "type: object\n", 0644));
  EXPECT_EQ(*fetch("schemas/a%20b.yaml"), Json({{"type", "object"}}));
  EXPECT_EQ(*fetch("file:///work%20flows/schemas/a%20b.yaml"), Json({{"type", "object"}}));
  const auto absent = fetch("absent.json");
  ASSERT_FALSE(absent);
  EXPECT_THAT(absent.error().type, HasSubstr("/errors/configuration"));
  EXPECT_THAT(absent.error().detail, HasSubstr("absent.json"));
}

TEST_F(FetchResourceTest, FilesAreOutOfReachWithoutAFolder) {
  for (const char* uri : {"schema.json", "file:///etc/passwd", "/etc/passwd"}) {
    const auto outcome = fetch(uri, false);
    ASSERT_FALSE(outcome) << uri;
    EXPECT_THAT(outcome.error().type, HasSubstr("/errors/configuration"));
  }
}

TEST_F(FetchResourceTest, AddressesAreFetchedAndParsed) {
  client_.answer =
      HttpResponse{.status = 200, .headers = {}, .body = R"({"type":"object"})", .url = ""};
  EXPECT_EQ(*fetch("https://a.test/schema.json"), Json({{"type", "object"}}));
  EXPECT_EQ(client_.asked, "https://a.test/schema.json");
  client_.answer = HttpResponse{.status = 200, .headers = {}, .body = "a: 1\na: 2\n", .url = ""};
  EXPECT_THAT(fetch("https://a.test/schema.json").error().type, HasSubstr("/errors/configuration"));
  client_.answer = HttpResponse{.status = 404, .headers = {}, .body = "", .url = ""};
  EXPECT_EQ(fetch("https://a.test/schema.json").error().status, 404);
  client_.answer = fail(ErrorKind::unavailable, "no answer");
  EXPECT_EQ(fetch("https://a.test/schema.json").error().status, 503);
  EXPECT_THAT(fetch("ftp://a.test/schema.json").error().type, HasSubstr("/errors/configuration"));
}

}  // namespace
}  // namespace auterity::engine
