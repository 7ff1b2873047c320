#include "operations/backup/backup_summary.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>

namespace auterity::operations::backup {
namespace {

Json row(std::string_view id, std::string_view kind, std::string_view state) {
  return JsonObject{{"id", id}, {"kind", kind}, {"state", state}};
}

std::string last_of(JsonArray rows) {
  const Json last = last_backup({{}, std::move(rows)});
  return std::string(string_or(find_member(last, "id"), "none"));
}

TEST(BackupSummary, TheLastBackupIsTheNewestProvenOneOfADatabase) {
  EXPECT_EQ(last_of({row("4", "data", "proven"), row("3", "database", "unproven"),
                     row("2", "all", "proven"), row("1", "database", "proven")}),
            "2");
  EXPECT_EQ(last_of({row("2", "data", "proven"), row("1", "database", "unproven")}), "1");
  EXPECT_EQ(last_of({row("1", "data", "proven")}), "none") << "files alone are no platform";
  EXPECT_EQ(last_of({}), "none");
}

}  // namespace
}  // namespace auterity::operations::backup
