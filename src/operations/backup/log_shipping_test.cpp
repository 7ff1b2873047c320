#include "operations/backup/log_shipping.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "core/disk_files.h"
#include "harness/throwaway_folder.h"

namespace auterity::operations::backup {
namespace {

using namespace std::chrono_literals;

const Time kNow = parse_rfc3339("2026-11-24T10:00:00Z").value();

LogShipping shipping() {
  return {.observed_at = kNow,
          .system_id = "7312",
          .timeline = 2,
          .archived_to = data::Lsn(0x1'0000'00ff),
          .complete_at = kNow - 170ms,
          .longest_wait = 310ms,
          .failure = {},
          .gap = WalPiece{data::Lsn(0x100), data::Lsn(0x200)}};
}

std::string state_of(const LogShipping& shipping, Time now) {
  const Json status = shipping_status(shipping, now);
  return std::string(string_or(find_member(status, "state"), ""));
}

TEST(LogShippingFile, IsReadAsItWasWritten) {
  harness::ThrowawayFolder folder("log-shipping");
  DiskFiles disk;
  Files& files = disk;
  const auto absent = read_log_shipping(files, folder.path());
  ASSERT_TRUE(absent);
  EXPECT_FALSE(*absent);
  ASSERT_TRUE(write_log_shipping(files, folder.path(), shipping()));
  const auto read = read_log_shipping(files, folder.path());
  ASSERT_TRUE(read && *read);
  EXPECT_EQ((*read)->system_id, "7312");
  EXPECT_EQ((*read)->timeline, 2u);
  EXPECT_EQ((*read)->archived_to, data::Lsn(0x1'0000'00ff));
  EXPECT_EQ((*read)->complete_at, kNow - 170ms);
  EXPECT_EQ((*read)->longest_wait, 310ms);
  EXPECT_EQ((*read)->gap, shipping().gap);
  ASSERT_TRUE(files.write_atomically(folder.path() / "log-shipping.json", "{\"observed"));
  EXPECT_EQ(read_log_shipping(files, folder.path()).error().kind, ErrorKind::failed);
}

TEST(LogShippingFile, OnceNothingIsHeardTheFigureGrowsWithTheClock) {
  EXPECT_EQ(behind(shipping(), kNow + 900ms), 170ms) << "it is said once a second";
  EXPECT_EQ(state_of(shipping(), kNow + 900ms), "shipping");
  EXPECT_EQ(behind(shipping(), kNow + 1h), 1h + 170ms);
  EXPECT_EQ(state_of(shipping(), kNow + 1h), "silent");
  LogShipping interrupted = shipping();
  interrupted.failure = "the disk is full";
  EXPECT_EQ(state_of(interrupted, kNow), "interrupted");
  EXPECT_TRUE(shipping_status(std::nullopt, kNow).is_null());
}

}  // namespace
}  // namespace auterity::operations::backup
