#pragma once
// The journal in a folder, `<folder>/<operation id>.jsonl`. Only the holder of the environment's
// lock appends.
#include <filesystem>
#include <set>

#include "core/files.h"
#include "operations/journal.h"

namespace auterity::operations {

class FileJournal final : public Journal {
 public:
  FileJournal(Files& files, std::filesystem::path folder)
      : files_(files), folder_(std::move(folder)) {}
  Status append(const std::string& operation_id, const Record& record) override;
  Result<OperationHistory> load(const std::string& operation_id) override;
  Result<std::vector<OperationHistory>> list() override;
  // Of every journal that is there, readable or not, oldest first.
  Result<std::vector<std::string>> ids() const;

 private:
  std::filesystem::path path_of(const std::string& operation_id) const;
  // A line that a crash cut short would swallow the next record: it is taken off before this
  // process appends.
  Status mend_tail(const std::filesystem::path& path);

  Files& files_;
  std::filesystem::path folder_;
  std::set<std::string> mended_;
};

}  // namespace auterity::operations
