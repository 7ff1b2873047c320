#pragma once
// What the API shows of operations: an interface, since operations go on while the API is down and
// never depend on it.
#include <memory>
#include <string>

#include "core/async.h"
#include "core/clock.h"
#include "core/error.h"
#include "core/files.h"
#include "core/json.h"
#include "core/log.h"

namespace auterity::api {

struct OperationsQuery {
  std::string before;  // id of the last item of the page before; empty: the first page
  std::size_t limit = 50;
};

struct OperationsPage {
  JsonArray items;
  std::string next;  // what the next page is `before`; empty when nothing follows
};

class OperationsView {
 public:
  virtual ~OperationsView() = default;
  // Newest first. A journal that cannot be read (another user's, damaged) hides no other: it is
  // listed as {id, state: "unreadable"}, and logged.
  virtual Async<Result<OperationsPage>> list(OperationsQuery query) = 0;
  virtual Async<Result<JsonObject>> find(std::string id) = 0;
};

// Whether a text has the form of an operation's id, and so may be part of a file's name.
bool is_operation_id(std::string_view text);

// Reads the journal's folder on `blocking`. Empty folder name: this process knows of no journal,
// and the lists are empty.
std::unique_ptr<OperationsView> make_journal_view(Files& files, Clock& clock, Log& log,
                                                  std::string folder, Executor blocking);

}  // namespace auterity::api
