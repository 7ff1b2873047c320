#include "api/backups_view.h"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "data/run_blocking.h"
#include "operations/backup/backup_summary.h"

namespace auterity::api {
namespace {

class SummaryView final : public BackupsView {
 public:
  SummaryView(Files& files, std::string folder, Executor blocking)
      : files_(files), folder_(std::move(folder)), blocking_(std::move(blocking)) {}

  Async<Result<BackupsPage>> list(std::string before, std::size_t limit) override {
    if (folder_.empty()) co_return BackupsPage{};
    AUTERITY_CO_TRY(summary, co_await data::run_blocking(blocking_, [this] {
                      return operations::backup::read_summary(files_, folder_);
                    }));
    BackupsPage page;
    std::string last;
    for (Json& row : summary.backups) {
      const std::string stamp(string_or(find_member(row, "stamp"), ""));
      if (!before.empty() && stamp >= before) continue;
      if (page.items.size() == limit) {
        page.next = last;
        break;
      }
      last = stamp;
      page.items.push_back(std::move(row));
    }
    co_return page;
  }

 private:
  Files& files_;
  std::string folder_;
  Executor blocking_;
};

}  // namespace

std::unique_ptr<BackupsView> make_summary_view(Files& files, std::string folder,
                                               Executor blocking) {
  return std::make_unique<SummaryView>(files, std::move(folder), std::move(blocking));
}

}  // namespace auterity::api
