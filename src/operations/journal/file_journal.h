#pragma once
// The journal in a folder, `<folder>/<operation id>.jsonl`. Only the holder of the environment's
// lock appends. A journal that cannot be read to its end, but whose last record says that its
// operation has ended, is one of an operation that has ended, as far as it can be read.
#include <filesystem>
#include <set>

#include "core/files.h"
#include "operations/journal/journal.h"

namespace auterity::operations {

class FileJournal final : public Journal {
 public:
  FileJournal(Files& files, std::filesystem::path folder)
      : files_(files), folder_(std::move(folder)) {}
  Status append(const std::string& operation_id, const Record& record) override;
  Result<OperationHistory> load(const std::string& operation_id) override;
  Result<std::vector<OperationHistory>> list() override;
  Result<std::vector<std::string>> ids() override;

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
