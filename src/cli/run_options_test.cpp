#include "cli/run_options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/scripted_world.h"

namespace auterity::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

class RunOptionsTest : public testing::Test {
 protected:
  Result<RunOptions> read() { return read_run_options(scripted_.world, arguments_); }

  ScriptedWorld scripted_;
  RunArguments arguments_{.file = "w.yaml",
                          .input = {},
                          .secrets = {},
                          .event_files = {},
                          .overrides = {},
                          .workflows = {},
                          .timeout = {},
                          .events_file = {}};
};

TEST_F(RunOptionsTest, SecretsComeFromArgumentsFilesAndVariables) {
  ASSERT_TRUE(scripted_.files.create_directories("/folder", 0755));
  ASSERT_TRUE(scripted_.files.write_atomically("/folder/b.json", R"({"token":"b"})", 0600));
  scripted_.world.environment["C"] = "[3]";
  arguments_.secrets = {R"(a={"x":"="})", "b=@b.json", "c=env:C"};
  const auto options = read();
  ASSERT_TRUE(options) << options.error().message;
  EXPECT_EQ(options->secrets, (JsonObject{{"a", JsonObject{{"x", "="}}},
                                          {"b", JsonObject{{"token", "b"}}},
                                          {"c", JsonArray{3}}}));
}

TEST_F(RunOptionsTest, ErrorsNameTheSecretAndNeverItsValue) {
  for (const char* text : {"a=topsecret", "a=\"topsecret", "=topsecret", "topsecret"}) {
    arguments_.secrets = {text};
    const auto options = read();
    ASSERT_FALSE(options) << text;
    EXPECT_EQ(options.error().kind, ErrorKind::invalid_input);
    EXPECT_THAT(options.error().message + options.error().hint, Not(HasSubstr("topsecret")));
  }
  scripted_.world.environment["V"] = "topsecret";
  arguments_.secrets = {"a=env:V"};
  EXPECT_THAT(read().error().message, Not(HasSubstr("topsecret")));
  EXPECT_THAT(read().error().message, HasSubstr("--secret a"));
  arguments_.secrets = {"a=1", "a=2"};
  EXPECT_THAT(read().error().message, HasSubstr("twice"));
}

TEST_F(RunOptionsTest, StandardInputIsReadOnce) {
  scripted_.in.str(R"({"a":1})");
  arguments_.input = "@-";
  EXPECT_EQ(read()->input, Json({{"a", 1}}));
  arguments_.secrets = {"s=@-"};
  EXPECT_THAT(read().error().message, HasSubstr("standard input"));
}

TEST_F(RunOptionsTest, WithoutInputThereIsNone) {
  EXPECT_TRUE(read()->input.is_null());
  arguments_.input = "null";
  EXPECT_TRUE(read()->input.is_null());
}

}  // namespace
}  // namespace auterity::cli
