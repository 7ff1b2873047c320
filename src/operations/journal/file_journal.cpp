#include "operations/journal/file_journal.h"

namespace auterity::operations {
namespace {

constexpr std::string_view kSuffix = ".jsonl";
// The API, which runs as a user of its own, shows what root has done. Nothing secret is in it.
constexpr unsigned kReadableByAll = 0644;

std::vector<std::string_view> whole_lines(std::string_view text) {
  std::vector<std::string_view> lines;
  for (std::size_t end = text.find('\n'); end != std::string_view::npos; end = text.find('\n')) {
    lines.push_back(text.substr(0, end));
    text.remove_prefix(end + 1);
  }
  return lines;
}

// Folds record by record; what was read before an error is in `history`.
Status fold_lines(OperationHistory& history, const std::vector<std::string_view>& lines) {
  std::vector<Record> records;
  for (const std::string_view line : lines) {
    AUTERITY_TRY(record, parse_record(line));
    records.push_back(std::move(record));
    if (records.size() == 1) {
      AUTERITY_TRY(begun, fold(records));
      history = std::move(begun);
    } else {
      AUTERITY_CHECK(fold(history, records.back()));
    }
  }
  return {};
}

Result<OperationHistory> fold_text(std::string_view text, const std::string& id) {
  const auto lines = whole_lines(text);
  OperationHistory history;
  const Status folded = fold_lines(history, lines);
  if (folded) return history;
  const auto last = parse_record(lines.back());
  if (!last || last->kind != RecordKind::finished)
    return std::unexpected(Error(folded.error()).within(id + std::string(kSuffix)));
  history.id = id;
  history.failure = folded.error().message;
  AUTERITY_CHECK(fold(history, *last));
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
  return fold_text(text, operation_id);
}

Result<std::vector<std::string>> FileJournal::ids() {
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
