// The checklist against a platform that really runs, and against each fault made for real.
#include <gtest/gtest.h>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>
#include <boost/json.hpp>

#include "harness/loopback_port.h"
#include "machine.h"

namespace auterity::end_to_end {
namespace {

std::string text_of(const Json& value, std::string_view member) {
  return std::string(string_or(find_member(value, member), ""));
}

// Ids of the findings with `verdict`.
std::vector<std::string> ids_with(Machine& machine, const std::string& verdict) {
  const auto outcome = machine.auterity({"check", "--json"});
  const auto report = parse_json(outcome.output);
  EXPECT_TRUE(report) << outcome.output << outcome.error_output;
  if (!report) return {};
  std::vector<std::string> ids;
  bool failed = false;
  for (const Json& check : find_member(*report, "checks")->get_array()) {
    failed = failed || text_of(check, "verdict") == "fail";
    if (text_of(check, "verdict") == verdict) ids.push_back(text_of(check, "id"));
    EXPECT_FALSE(text_of(check, "evidence").empty()) << text_of(check, "id");
  }
  EXPECT_EQ(outcome.exit_code, failed ? 1 : 0);
  for (const std::string_view secret : {"database_url", "redis_url", "jwt_secret_key"})
    EXPECT_EQ(outcome.output.find(text_of(machine.credentials(), secret)), std::string::npos);
  return ids;
}

using Ids = std::vector<std::string>;

TEST(Check, ARunningPlatformIsFitAndEachFaultIsNamed) {
  AUTERITY_NEEDS_PLATFORM();
  Machine machine;
  const auto up =
      machine.auterity({"up", "--port", std::to_string(harness::find_free_loopback_port())});
  ASSERT_EQ(up.exit_code, 0) << up.error_output;
  EXPECT_EQ(ids_with(machine, "fail"), Ids{});

  ASSERT_EQ(machine.supervise("redis", "-d"), 0);
  ASSERT_TRUE(machine.eventually([&] { return machine.processes("redis-server").empty(); }));
  EXPECT_EQ(ids_with(machine, "fail"), Ids{"redis-reachable"});
  ASSERT_EQ(machine.supervise("redis", "-u"), 0);

  ASSERT_EQ(machine.supervise("postgres", "-d"), 0);
  EXPECT_TRUE(machine.eventually(
      [&] { return text_of(machine.component("postgres"), "state") == "stopped"; }));
  EXPECT_EQ(ids_with(machine, "fail"), Ids{"database-reachable"});
  ASSERT_EQ(machine.supervise("postgres", "-u"), 0);
  ASSERT_TRUE(machine.eventually([&] { return ids_with(machine, "fail").empty(); }));

  const auto lock = machine.state() / "operations/lock";
  const int held = ::open(lock.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  ASSERT_EQ(::flock(held, LOCK_EX), 0);
  EXPECT_EQ(ids_with(machine, "fail"), Ids{"lock"});
  ::close(held);

  std::filesystem::permissions(machine.state() / "objects", std::filesystem::perms::owner_read |
                                                                std::filesystem::perms::owner_exec);
  EXPECT_EQ(ids_with(machine, "fail"), Ids{"object-store"});
  std::filesystem::permissions(machine.state() / "objects", std::filesystem::perms::owner_all);
  EXPECT_EQ(ids_with(machine, "fail"), Ids{});
}

}  // namespace
}  // namespace auterity::end_to_end
