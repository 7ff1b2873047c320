#include "operations/backup/backup_operation.h"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>

#include "harness/simulated_clock.h"

namespace auterity::operations::backup {
namespace {

using namespace std::chrono_literals;

TEST(BackupRequest, StampsOfOneSecondSortByTime) {
  boost::asio::io_context loop;
  harness::SimulatedClock clock(loop);
  SeededRandom random(1);
  std::string before;
  for (int i = 0; i < 50; ++i) {
    const auto request = BackupRequest::draw(BackupKind::database, clock, random);
    EXPECT_GT(request.name().stamp, before);
    EXPECT_EQ(request.taken_at(), std::chrono::floor<std::chrono::seconds>(clock.now()));
    before = request.name().stamp;
    clock.run_for(50us);
  }
}

TEST(BackupRequest, TwoOfOneMomentHaveTheirOwnStamps) {
  boost::asio::io_context loop;
  harness::SimulatedClock clock(loop);
  SeededRandom random(1);
  const auto one = BackupRequest::draw(BackupKind::database, clock, random);
  const auto other = BackupRequest::draw(BackupKind::database, clock, random);
  EXPECT_NE(one.name().stamp, other.name().stamp);
}

}  // namespace
}  // namespace auterity::operations::backup
