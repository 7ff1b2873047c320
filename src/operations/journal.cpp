#include "operations/journal.h"

namespace auterity::operations {

Result<std::optional<OperationHistory>> find_unfinished(Journal& journal) {
  AUTERITY_TRY(all, journal.list());
  for (auto operation = all.rbegin(); operation != all.rend(); ++operation)
    if (operation->unfinished()) return std::optional(std::move(*operation));
  return std::nullopt;
}

Result<OperationHistory> find_operation(Journal& journal, std::string_view id) {
  AUTERITY_TRY(all, journal.list());
  if (id == "latest" && !all.empty()) return std::move(all.back());
  std::vector<OperationHistory> matches;
  for (OperationHistory& operation : all)
    if (!id.empty() && (operation.id.starts_with(id) || operation.id.ends_with(id)))
      matches.push_back(std::move(operation));
  if (matches.size() == 1) return std::move(matches.front());
  if (matches.empty())
    return fail(ErrorKind::not_found, "there is no operation " + std::string(id),
                "list them with: auterity operations list");
  return fail(ErrorKind::invalid_input, "more than one operation has an id like " + std::string(id),
              "give the whole id; list them with: auterity operations list");
}

}  // namespace auterity::operations
