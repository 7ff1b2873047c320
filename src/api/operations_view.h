#pragma once
// What the API shows of operations: an interface, since operations go on while the API is down and
// never depend on it.
#include <memory>
#include <string>

#include "core/async.h"
#include "core/error.h"
#include "core/files.h"
#include "core/json.h"

namespace auterity::api {

class OperationsView {
 public:
  virtual ~OperationsView() = default;
  // Newest first, at most `limit`. `kind_prefix`: only kinds that begin with it ("backup"); empty:
  // all.
  virtual Async<Result<JsonArray>> list(std::string kind_prefix, std::size_t limit) = 0;
  virtual Async<Result<JsonObject>> find(std::string id) = 0;
};

// Reads the journal's folder on `blocking`. Empty folder name: this process knows of no journal,
// and the lists are empty.
std::unique_ptr<OperationsView> make_journal_view(Files& files, std::string folder,
                                                  Executor blocking);

}  // namespace auterity::api
