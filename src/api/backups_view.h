#pragma once
// What the API shows of backups. Its processes lack the backup key, and never need it: they read
// what the last operation on backups kept in the environment's folder.
#include <memory>
#include <string>

#include "core/async.h"
#include "core/error.h"
#include "core/files.h"
#include "core/json.h"

namespace auterity::api {

struct BackupsPage {
  JsonArray items;
  std::string next;  // stamp that the next page is older than; empty when nothing follows
};

class BackupsView {
 public:
  virtual ~BackupsView() = default;
  // Newest first, those older than the stamp `before` (empty: all).
  virtual Async<Result<BackupsPage>> list(std::string before, std::size_t limit) = 0;
};

// Reads the folder of the environment's operations on `blocking`. Empty folder name: this process
// knows of no backups, and the list is empty.
std::unique_ptr<BackupsView> make_summary_view(Files& files, std::string folder, Executor blocking);

}  // namespace auterity::api
