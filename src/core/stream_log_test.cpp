#include "core/stream_log.h"

#include <gtest/gtest.h>

namespace auterity {
namespace {

class FixedClock final : public Clock {
 public:
  Time now() const override { return *parse_rfc3339("2026-11-24T05:45:34Z"); }
  Duration monotonic() const override { return Duration(0); }
  Async<void> sleep(Duration) override { co_return; }
};

class StreamLogTest : public ::testing::Test {
 protected:
  std::unique_ptr<Log> make(LogOptions options) {
    return make_stream_log(
        clock_, [this](std::string_view line) { lines_ += line; }, std::move(options), redactor_);
  }
  FixedClock clock_;
  std::shared_ptr<Redactor> redactor_ = std::make_shared<Redactor>();
  std::string lines_;
};

TEST_F(StreamLogTest, JsonLinesHaveTheFixedFields) {
  make({.instance = "api-1", .version = "1.2"})->info("engine", "execution resumed", {{"term", 3}});
  const auto line = parse_json(lines_);
  ASSERT_TRUE(line) << lines_;
  for (const char* field :
       {"timestamp", "level", "logger", "message", "module", "function", "line", "@timestamp",
        "log.level", "service.name", "service.node.name", "service.version", "ecs.version"})
    EXPECT_NE(find_member(*line, field), nullptr) << field;
  EXPECT_EQ(string_or(find_member(*line, "module"), ""), "stream_log_test");
  EXPECT_EQ(*find_member(*line, "term"), Json(3));
}

TEST_F(StreamLogTest, MasksSecretsByNameAndByValue) {
  redactor_->add("hunter22");
  make({})->warning("api", "login with hunter22 failed",
                    {{"password", "short"}, {"note", "hunter22!"}});
  EXPECT_EQ(lines_.find("hunter22"), std::string::npos) << lines_;
  EXPECT_EQ(lines_.find("short"), std::string::npos) << lines_;
}

TEST_F(StreamLogTest, AFieldNeverReplacesAFixedOne) {
  make({})->info("api", "the message", {{"message", "other"}});
  EXPECT_NE(lines_.find(R"("message":"the message")"), std::string::npos) << lines_;
  EXPECT_NE(lines_.find(R"("field.message":"other")"), std::string::npos) << lines_;
}

TEST_F(StreamLogTest, TextFormatIsForPeople) {
  make({.format = LogFormat::text})->error("store", "commit failed", {{"attempt", 2}});
  EXPECT_EQ(lines_, "2026-11-24T05:45:34Z error   store: commit failed attempt=2\n");
}

TEST_F(StreamLogTest, LevelsBelowTheThresholdAreSilent) {
  make({.level = LogLevel::warning})->info("api", "nothing");
  EXPECT_EQ(lines_, "");
}

}  // namespace
}  // namespace auterity
