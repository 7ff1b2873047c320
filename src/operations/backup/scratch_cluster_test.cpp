#include "operations/backup/scratch_cluster.h"

#include <gtest/gtest.h>

namespace auterity::operations::backup {
namespace {

TEST(ScratchCluster, AStartThatFailsIsTheBackupsFaultOnlyWhenTheServerSaysSoOfItsData) {
  EXPECT_EQ(kind_of_failed_start("LOG:  starting\nPANIC:  could not locate a valid checkpoint"),
            ErrorKind::failed);
  EXPECT_EQ(kind_of_failed_start("FATAL:  recovery ended before configured recovery target"),
            ErrorKind::failed);
  EXPECT_EQ(kind_of_failed_start("FATAL:  could not extend file \"base/1/2\": No space left on "
                                 "device"),
            ErrorKind::storage_full);
  for (const char* log :
       {"", "LOG:  starting PostgreSQL 15.8",
        "FATAL:  could not map anonymous shared memory: Cannot allocate memory",
        "LOG:  startup process (PID 7) was terminated by signal 9: Killed\nFATAL:  x",
        "FATAL:  could not create any Unix-domain sockets",
        "FATAL:  could not open file \"pg_wal/1\": Permission denied",
        "FATAL:  could not read file \"base/1/2\": Input/output error"})
    EXPECT_EQ(kind_of_failed_start(log), ErrorKind::unavailable) << log;
}

TEST(ScratchCluster, PagesAreRefutedByTheirCountAloneAndNotByAToolThatEnds) {
  const std::string counted =
      "Checksum operation completed\nBlocks scanned:  10\n"
      "Bad checksums:  ";
  EXPECT_EQ(*judge_pages({.exit_code = 0, .output = counted + "0\n", .error_output = {}}),
            "Blocks scanned: 10, Bad checksums: 0");
  EXPECT_EQ(
      judge_pages({.exit_code = 1, .output = counted + "2\n", .error_output = {}}).error().kind,
      ErrorKind::failed);
  for (const int exit_code : {1, 127, 137})
    EXPECT_EQ(
        judge_pages({.exit_code = exit_code, .output = "", .error_output = "no"}).error().kind,
        ErrorKind::unavailable);
}

}  // namespace
}  // namespace auterity::operations::backup
