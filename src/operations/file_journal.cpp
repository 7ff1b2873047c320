#include "operations/file_journal.h"

namespace auterity::operations {
namespace {

constexpr std::string_view kSuffix = ".jsonl";
// The API, which runs as a user of its own, shows what root has done. Nothing secret is in it.
constexpr unsigned kReadableByAll = 0644;

Result<OperationHistory> fold_text(std::string_view text, const std::string& name) {
  std::vector<Record> records;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos) break;
    auto record = parse_record(text.substr(0, end));
    if (!record) return std::unexpected(std::move(record.error()).within(name));
    records.push_back(std::move(*record));
    text.remove_prefix(end + 1);
  }
  auto history = fold(records);
  if (!history) return std::unexpected(std::move(history.error()).within(name));
  return history;
}

}  // namespace

std::filesystem::path FileJournal::path_of(const std::string& operation_id) const {
  return folder_ / (operation_id + std::string(kSuffix));
}

Status FileJournal::mend_tail(const std::filesystem::path& path) {
  if (!files_.exists(path)) return {};
  AUTERITY_TRY(text, files_.read(path));
  if (text.empty() || text.back() == '\n') return {};
  const std::size_t last_line = text.rfind('\n') + 1;  // 0 when there is no whole line
  return files_.write_atomically(path, std::string_view(text).substr(0, last_line), kReadableByAll);
}

Status FileJournal::append(const std::string& operation_id, const Record& record) {
  const auto path = path_of(operation_id);
  if (!mended_.contains(operation_id)) {
    AUTERITY_CHECK(files_.create_directories(folder_));
    AUTERITY_CHECK(mend_tail(path));
    mended_.insert(operation_id);
  }
  return files_.append_durably(path, to_line(record) + "\n", kReadableByAll);
}

Result<OperationHistory> FileJournal::load(const std::string& operation_id) {
  const auto path = path_of(operation_id);
  if (!files_.exists(path))
    return fail(ErrorKind::not_found, "there is no operation " + operation_id,
                "list them with: auterity operations list");
  AUTERITY_TRY(text, files_.read(path));
  // Created and killed before its first record was whole: nothing had been touched yet.
  if (text.find('\n') == std::string::npos)
    return fail(ErrorKind::not_found, operation_id + " ended before it began",
                "list what was begun with: auterity operations list");
  return fold_text(text, path.filename().string());
}

Result<std::vector<std::string>> FileJournal::ids() const {
  std::vector<std::string> ids;
  if (!files_.exists(folder_)) return ids;
  AUTERITY_TRY(names, files_.list(folder_));
  for (std::string& name : names) {
    if (!name.ends_with(kSuffix)) continue;
    name.resize(name.size() - kSuffix.size());
    ids.push_back(std::move(name));
  }
  return ids;
}

Result<std::vector<OperationHistory>> FileJournal::list() {
  std::vector<OperationHistory> all;
  AUTERITY_TRY(names, ids());
  for (const std::string& id : names) {
    auto history = load(id);
    if (!history && history.error().kind == ErrorKind::not_found) continue;
    if (!history) return std::unexpected(std::move(history).error());
    all.push_back(std::move(*history));
  }
  return all;
}

}  // namespace auterity::operations
