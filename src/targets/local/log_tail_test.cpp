#include "targets/local/log_tail.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "harness/throwaway_folder.h"

namespace auterity::local {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class LogTailTest : public ::testing::Test {
 protected:
  void append(const std::string& text) {
    std::ofstream(folder_.path() / "current", std::ios::app) << text;
  }
  void rotate(const std::string& name) {
    std::filesystem::rename(folder_.path() / "current", folder_.path() / name);
  }
  std::vector<std::string> read(LogTail& tail) {
    auto lines = tail.read();
    EXPECT_TRUE(lines) << lines.error().message;
    return lines ? *lines : std::vector<std::string>{};
  }
  harness::ThrowawayFolder folder_{"log-tail"};
};

TEST_F(LogTailTest, BeginsAtTheEnd) {
  append("old\n");
  LogTail tail(folder_.path());
  EXPECT_THAT(read(tail), IsEmpty());
  append("one\ntwo\n");
  EXPECT_THAT(read(tail), ElementsAre("one", "two"));
  EXPECT_THAT(read(tail), IsEmpty());
}

TEST_F(LogTailTest, ALineIsReadOnceItIsWhole) {
  append("");
  LogTail tail(folder_.path());
  append("begin");
  EXPECT_THAT(read(tail), IsEmpty());
  append("ning\n");
  EXPECT_THAT(read(tail), ElementsAre("beginning"));
}

TEST_F(LogTailTest, FollowsARotation) {
  append("");
  LogTail tail(folder_.path());
  append("one\n");
  rotate("@40000000.s");
  append("two\n");
  EXPECT_THAT(read(tail), ElementsAre("one", "two"));
}

TEST_F(LogTailTest, ALogThatBeginsLaterIsReadFromItsBeginning) {
  LogTail tail(folder_.path());
  EXPECT_THAT(read(tail), IsEmpty());
  append("first\n");
  EXPECT_THAT(read(tail), ElementsAre("first"));
}

TEST_F(LogTailTest, WhatWasRotatedAwayIsAnError) {
  append("");
  LogTail tail(folder_.path());
  append("lost\n");
  rotate("@40000000.s");
  // Held open, so that the new file does not get its number.
  const std::ifstream held(folder_.path() / "@40000000.s");
  std::filesystem::remove(folder_.path() / "@40000000.s");
  append("two\n");
  EXPECT_FALSE(tail.read());
}

}  // namespace
}  // namespace auterity::local
