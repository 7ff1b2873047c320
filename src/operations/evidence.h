#pragma once
// What is kept of a platform's state before an operation changes it, for whoever asks later why it
// was done: a file each for status, HAProxy's counts, PostgreSQL's sessions by state, and the end
// of every component's log. Evidence that cannot be had is no failure: its file says why.
#include <filesystem>
#include <string>

#include "operations/local_context.h"
#include "operations/step.h"

namespace auterity::operations {

// Where an operation keeps its evidence: a folder beside its journal.
std::filesystem::path evidence_folder(const local::Layout& layout, std::string_view operation_id);

// Fails only when nothing can be written.
Async<Status> keep_evidence(LocalContext& context, local::Platform platform,
                            std::filesystem::path folder);
// Holds once all of it is there.
Observation observe_evidence(Files& files, const std::filesystem::path& folder);

}  // namespace auterity::operations
