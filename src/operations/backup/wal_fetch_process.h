#pragma once
// The program that PostgreSQL runs as its restore_command: this one again, in a role that does
// nothing but ask a WalFeed for one file of the log and write it where PostgreSQL wants it.
// Blocking, without settings or logs.
#include <filesystem>
#include <string>
#include <string_view>

namespace auterity::operations::backup {

// First argument of the role; then the socket, the name and the path.
inline constexpr std::string_view kWalFetchArgument = "--internal-wal-fetch";

// How a feed's answer begins: "found SIZE", "absent", "failed REASON", and a line break.
inline constexpr std::string_view kFeedFound = "found";
inline constexpr std::string_view kFeedAbsent = "absent";
inline constexpr std::string_view kFeedFailed = "failed";

// Exit codes as PostgreSQL reads them.
inline constexpr int kWalFetched = 0;
inline constexpr int kWalAbsent = 1;    // the log ends here
inline constexpr int kWalFailed = 255;  // stop: a log that cannot be read must not seem to end here

int run_wal_fetch(const std::string& socket, const std::string& name, const std::string& path);

// The value of restore_command for a feed at `socket`.
std::string wal_fetch_command(const std::filesystem::path& program,
                              const std::filesystem::path& socket);

}  // namespace auterity::operations::backup
