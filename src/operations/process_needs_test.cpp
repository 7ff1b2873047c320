#include "operations/process_needs.h"

#include <gtest/gtest.h>

#include "core/memory_files.h"

namespace auterity::operations {
namespace {

TEST(ProcessNeeds, ADeployAddsANewPoolAndReplicasToCompareWith) {
  EXPECT_EQ(processes_of_deploy(2, 1, 2), 5);
  EXPECT_EQ(processes_of_deploy(1, 0, 0), 1);
}

TEST(ProcessNeeds, ALineOfATableOfProcIsReadInBytes) {
  MemoryFiles files;
  ASSERT_TRUE(files.create_directories("/proc/7", 0755));
  ASSERT_TRUE(files.write_atomically(
      "/proc/7/status", "Name:\tauterity\nVmHWM:\t  90000 kB\nVmRSS:\t   2048 kB\nThreads:\t",
      0644));
  EXPECT_EQ(find_memory(files, "/proc/7/status", "VmRSS:"), 2048u * 1024);
  EXPECT_EQ(find_memory(files, "/proc/7/status", "VmSwap:"), std::nullopt);
  EXPECT_EQ(find_memory(files, "/proc/7/status", "Threads:"), std::nullopt);
  EXPECT_EQ(find_memory(files, "/proc/8/status", "VmRSS:"), std::nullopt) << "it ended";
}

}  // namespace
}  // namespace auterity::operations
