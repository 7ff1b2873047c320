#pragma once
// What the commands about this machine's platform share: the context of their environment, the
// journal and the lock in its state folder, and how an operation's progress and outcome look.
#include <memory>
#include <string>
#include <vector>

#include "cli/command.h"
#include "operations/deploy/deploy.h"
#include "operations/journal/file_journal.h"
#include "operations/journal/file_lock.h"
#include "operations/local_context.h"
#include "operations/runner.h"

namespace auterity::cli {

class LocalSession {
 public:
  // invalid_input for a name that cannot be an environment's; not_found when no file describes it
  // and it was never started here; forbidden when its state belongs to another user.
  static Result<std::unique_ptr<LocalSession>> open(World& world, const CommonOptions& common);
  // The same for an environment that nobody need have described: it is made like another one.
  static Result<std::unique_ptr<LocalSession>> open_new(World& world, const CommonOptions& common);
  ~LocalSession();

  operations::LocalContext& context() { return context_; }
  operations::FileJournal& journal() { return journal_; }
  operations::FileLock& lock() { return lock_; }
  // The file of the session's environment; not_found when there is none and it was never started
  // here.
  Result<operations::EnvironmentFile> environment_file();
  // Of another environment on this machine.
  Result<operations::EnvironmentFile> environment_file(const std::string& environment);
  // An environment without a file, or with one that cannot be read, is one when its name says so.
  bool is_production();
  operations::OperationKinds kinds();
  // What a deploy or a rollback of the environment works with.
  Result<operations::DeployServices> deploy_services();
  operations::Runner runner();
  // For operations that the platform starts by itself, for a reason of its own.
  operations::Runner autoscaler_runner(std::string reason);
  // Who acts, as the journal and the database record it.
  std::string who() const;
  operations::RunObserver& observer() { return *observer_; }

 private:
  Status check_known();
  // Restarting and changing sizes.
  void add_size_kinds(operations::OperationKinds& kinds);
  operations::Runner make_runner(std::string who, std::string why);
  LocalSession(World& world, const CommonOptions& common, local::Layout layout);

  World& world_;
  std::string reason_;
  operations::LocalContext context_;
  operations::FileJournal journal_;
  operations::FileLock lock_;
  std::unique_ptr<operations::RunObserver> observer_;
};

// not_ready, with the hint to start it, when the platform's database does not run.
Status check_up(World& world, const local::Platform& platform);

// The result line of an operation, or its document with --json.
void print_outcome(World& world, const CommonOptions& common, const operations::RunResult& result,
                   JsonObject facts, std::string_view text);
// Prints the plan as text or JSON.
void print_plan(World& world, const CommonOptions& common, const operations::Plan& plan);
// What a person is told when an operation on this machine was interrupted.
std::string operation_interruption_hint();

}  // namespace auterity::cli
