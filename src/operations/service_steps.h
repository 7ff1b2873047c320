#pragma once
// Steps about one supervised service of this machine's platform: it runs as defined, it is stopped,
// it is not there. What the platform is is asked anew at each look, since the steps before may have
// changed it.
#include <functional>
#include <memory>
#include <string>

#include "operations/local_context.h"
#include "operations/step.h"

namespace auterity::operations {

using PlatformSource = std::function<Result<local::Platform>()>;
// `platform` outlives the steps.
PlatformSource fixed_platform(const local::Platform& platform);

// What undoing a start leaves: the service stopped with its folder, as before it first ran, or
// nothing of it.
enum class UndoneStart { stopped, removed };

class StartServiceStep : public Step {
 public:
  StartServiceStep(LocalContext& context, PlatformSource platform, std::string service,
                   UndoneStart undone)
      : context_(context),
        platform_(std::move(platform)),
        service_(std::move(service)),
        undone_(undone) {}

  Async<Result<Observation>> observe() override;
  Async<Status> apply() override;
  Async<Status> undo() override;

 protected:
  LocalContext& context_;
  PlatformSource platform_;
  std::string service_;

 private:
  UndoneStart undone_;
};

// Undone, it goes on as it was.
std::unique_ptr<Step> make_stop_step(LocalContext& context, PlatformSource platform,
                                     std::string service);
// Undone, it is started again, for which the platform must have the service: otherwise plan it to
// be kept or refused.
std::unique_ptr<Step> make_remove_step(LocalContext& context, PlatformSource platform,
                                       std::string service);

}  // namespace auterity::operations
