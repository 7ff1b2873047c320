#include "operations/journal/journal.h"

#include <fmt/format.h>

namespace auterity::operations {
namespace {

// Killed before its first record was whole: nothing had been touched yet.
bool never_began(const Result<OperationHistory>& operation) {
  return !operation && operation.error().kind == ErrorKind::not_found;
}

Result<std::string> newest_id(Journal& journal, const std::vector<std::string>& ids) {
  for (auto id = ids.rbegin(); id != ids.rend(); ++id)
    if (!never_began(journal.load(*id))) return *id;
  return fail(ErrorKind::not_found, "no operation was begun in this environment yet",
              "list them with: auterity operations list");
}

std::unexpected<Error> may_be_unfinished(const std::string& id, Error error) {
  error.message = fmt::format("operation {} may be unfinished, and its journal cannot be read: {}",
                              id, error.message);
  error.kind = ErrorKind::conflict;
  error.hint = fmt::format(
      "go on with the version of auterity that wrote it, or give it up: auterity operations "
      "abandon {} --reason WHY",
      id);
  return std::unexpected(std::move(error));
}

}  // namespace

Result<std::optional<OperationHistory>> find_unfinished(Journal& journal) {
  AUTERITY_TRY(ids, journal.ids());
  bool ended_since = false;
  for (auto id = ids.rbegin(); id != ids.rend(); ++id) {
    auto operation = journal.load(*id);
    if (never_began(operation)) continue;
    if (!operation && !ended_since) return may_be_unfinished(*id, std::move(operation.error()));
    if (!operation) continue;
    if (operation->unfinished()) return std::optional(std::move(*operation));
    ended_since = true;
  }
  return std::nullopt;
}

Result<std::string> find_operation_id(Journal& journal, std::string_view id) {
  AUTERITY_TRY(ids, journal.ids());
  if (id == "latest") return newest_id(journal, ids);
  std::vector<std::string> matches;
  for (std::string& candidate : ids)
    if (!id.empty() && (candidate.starts_with(id) || candidate.ends_with(id)))
      matches.push_back(std::move(candidate));
  if (matches.size() == 1) return std::move(matches.front());
  if (matches.empty())
    return fail(ErrorKind::not_found, "there is no operation " + std::string(id),
                "list them with: auterity operations list");
  return fail(ErrorKind::invalid_input, "more than one operation has an id like " + std::string(id),
              "give the whole id; list them with: auterity operations list");
}

Result<OperationHistory> find_operation(Journal& journal, std::string_view id) {
  AUTERITY_TRY(whole, find_operation_id(journal, id));
  return journal.load(whole);
}

}  // namespace auterity::operations
