#include "cli/ship_log.h"

#include <algorithm>
#include <boost/asio/thread_pool.hpp>
#include <filesystem>

#include "api/process/ready_signal.h"
#include "cli/local_session.h"
#include "core/task_group.h"
#include "operations/backup/backup_key.h"
#include "operations/backup/log_shipping.h"
#include "operations/backup/wal_shipper.h"

namespace auterity::cli {
namespace {

namespace backup = operations::backup;

constexpr Duration kToldEvery = std::chrono::seconds(1);
constexpr std::size_t kThreads = 2;

// Ready means that nothing can be missed any more: the server keeps what is not archived yet.
void tell_ready(std::optional<int>& descriptor, const backup::WalShippingState& state) {
  if (state.slot_holds) api::signal_ready(std::exchange(descriptor, std::nullopt));
}

// Says once a second how far the log is shipped. What an earlier process said holds until this one
// knows better.
class Teller {
 public:
  Teller(World& world, std::filesystem::path folder, const backup::WalShipper& shipper)
      : world_(world), folder_(std::move(folder)), shipper_(shipper), told_{} {
    told_.complete_at = world.clock.now();
    const auto before = backup::read_log_shipping(world.files, folder_);
    if (before && *before) told_ = **before;
    told_.failure.clear();
    told_.longest_wait = {};
  }

  Async<void> tell() {
    for (;;) {
      tell_once();
      co_await world_.clock.sleep(kToldEvery);
    }
  }

 private:
  void tell_once() {
    const auto& state = shipper_.state();
    if (state.slot_holds) {
      told_.system_id = state.system_id;
      told_.timeline = state.timeline;
      told_.archived_to = std::max(told_.archived_to, state.durable);
    }
    told_.observed_at = world_.clock.now();
    if (const auto complete = shipper_.complete_at())
      told_.complete_at = told_.observed_at - (world_.clock.monotonic() - *complete);
    told_.longest_wait = state.longest_wait;
    told_.failure = shipper_.failure() ? shipper_.failure()->message : "";
    if (state.gap) told_.gap = state.gap;
    // A page for people: that it cannot be written must not stop what it tells of.
    (void)backup::write_log_shipping(world_.files, folder_, told_);
  }

  World& world_;
  std::filesystem::path folder_;
  const backup::WalShipper& shipper_;
  backup::LogShipping told_;
};

class ShipLogCommand final : public Command {
 public:
  CommandFacts facts() const override {
    return {.name = "ship-log",
            .group = CommandGroup::processes,
            .summary = "archive the database's log as it is written",
            .details =
                "The platform's supervisor starts it. What the database has made durable is in the "
                "backup location, sealed, a fraction of a second later. It is ready when the "
                "database keeps for it what it has not stored yet.",
            .log_level = LogLevel::info,
            .stops_in_order = true};
  }
  void declare(OptionSet& options) override {
    options.number("--ready-fd", "N", ready_fd_, {3, 1'000'000},
                   "file descriptor that gets a newline once ready (s6)");
  }

  Async<Result<ExitCode>> run(World& world, const CommonOptions& common) override {
    AUTERITY_CO_TRY(session, LocalSession::open(world, common));
    auto& context = session->context();
    AUTERITY_CO_TRY(platform, operations::load_platform(context, false));
    AUTERITY_CO_TRY(key, operations::load_backup_key(world.files, platform.backups.key_file));
    const auto folder =
        std::filesystem::path(platform.backups.location) / platform.layout.environment;
    AUTERITY_CO_CHECK(world.files.create_directories(folder, 0700));
    boost::asio::thread_pool threads(kThreads);
    const auto store = data::open_folder_object_store(folder.string(), threads.get_executor());
    data::SealedObjects objects(*store, threads.get_executor(), std::move(key));
    std::optional<int> ready;
    if (ready_fd_) ready = static_cast<int>(*ready_fd_);
    backup::WalShipper shipper(
        world.executor, world.clock, world.log, objects,
        platform.maintenance_database_url("postgres"),
        [&ready](const backup::WalShippingState& state) { tell_ready(ready, state); });
    Teller teller(world, platform.layout.operations(), shipper);
    co_await run_until_told(world, shipper, teller);
    co_return kDone;
  }

 private:
  std::optional<std::int64_t> ready_fd_;

  static Async<void> run_until_told(World& world, backup::WalShipper& shipper, Teller& teller) {
    TaskGroup tasks(world.executor, "ship-log",
                    [&world](std::string_view task, std::exception_ptr) {
                      world.log.error("wal", std::string(task) + " ended by an exception", {});
                      world.stop.request();
                    });
    tasks.spawn("shipping the log", shipper.run());
    tasks.spawn("telling how far it is shipped", teller.tell());
    co_await world.stop.wait();
    tasks.stop();
    co_await tasks.join();
  }
};

}  // namespace

CommandPtr make_ship_log_command() { return std::make_unique<ShipLogCommand>(); }

}  // namespace auterity::cli
