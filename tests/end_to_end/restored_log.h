#pragma once
// What of a destroyed platform's database can be had from its backup location alone: the base
// backup and the log that was shipped, restored beside everything else.
#include <filesystem>
#include <string>

namespace auterity::end_to_end {

// Restores the newest base backup, recovers to the end of the log, and answers one value of the
// query in the platform's database; throws with what went wrong.
std::string ask_restored(const std::filesystem::path& location,
                         const std::filesystem::path& key_file, const std::string& query);

}  // namespace auterity::end_to_end
