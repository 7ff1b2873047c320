#include "operations/backup/recovery_settings.h"

#include <gtest/gtest.h>

namespace auterity::operations::backup {
namespace {

using Kind = RecoveryTarget::Kind;

TEST(RecoverySettings, SayHowFarAndWhereFrom) {
  EXPECT_EQ(with_recovery_settings("work_mem = '4MB'\n",
                                   {.kind = Kind::position, .position = data::Lsn(0x5000028)},
                                   "fetch '%f' \"%p\"")
                .value(),
            "work_mem = '4MB'\n"
            "restore_command = 'fetch ''%f'' \"%p\"'\n"
            "recovery_target_action = 'promote'\n"
            "recovery_target_timeline = 'latest'\n"
            "recovery_target_lsn = '0/5000028'\n");
  const auto time = parse_rfc3339("2026-11-24T13:00:00.25Z").value();
  EXPECT_NE(with_recovery_settings("", {.kind = Kind::time, .time = time}, "x")
                ->find("recovery_target_time = '2026-11-24T13:00:00.250000Z'\n"),
            std::string::npos);
  EXPECT_NE(with_recovery_settings("", {.kind = Kind::consistent}, "")
                ->find("recovery_target = 'immediate'\n"),
            std::string::npos);
  EXPECT_NE(with_recovery_settings("", {}, "")->find("restore_command = 'false'\n"),
            std::string::npos);
  EXPECT_NE(with_recovery_settings("", {.kind = Kind::name, .name = "it's"}, "")
                ->find("recovery_target_name = 'it''s'\n"),
            std::string::npos);
  EXPECT_EQ(with_recovery_settings("", {.kind = Kind::name, .name = "a\nb"}, "").error().kind,
            ErrorKind::invalid_input);
}

TEST(RecoverySettings, ThoseOfAnEarlierRecoveryAreTakenOut) {
  const std::string before = "# by hand\nwork_mem = '4MB'\n";
  const auto told =
      with_recovery_settings(before, {.kind = Kind::name, .name = "before_upgrade"}, "x").value();
  EXPECT_EQ(without_recovery_settings(told), before);
  EXPECT_EQ(with_recovery_settings(told, {}, "y").value(),
            with_recovery_settings(before, {}, "y").value());
}

}  // namespace
}  // namespace auterity::operations::backup
