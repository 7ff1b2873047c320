// Redis answers, and the services' user can write where objects are kept.
#include <fmt/format.h>

#include "core/finally.h"
#include "data/redis.h"
#include "operations/check/verdicts.h"

namespace auterity::operations::check {
namespace {

std::string redis_url_of(const Subject& subject) {
  const auto given = subject.variables.find("REDIS_URL");
  if (given != subject.variables.end() && !given->second.empty()) return given->second;
  return subject.platform ? subject.platform->redis_url() : "";
}

Async<Judgement> judge_redis(const Subject& subject) {
  const std::string url = redis_url_of(subject);
  if (url.empty())
    co_return Judgement{Verdict::skipped, "there is no REDIS_URL and no platform here",
                        "start it with `auterity up`, or set REDIS_URL"};
  const auto redis = data::open_redis(subject.context.executor, subject.context.clock,
                                      subject.context.log, {.url = url});
  const auto answer = co_await finally(redis->command({"PING"}), redis->close());
  if (answer && answer->text == "PONG") co_return Judgement{Verdict::pass, "answered", ""};
  co_return Judgement{Verdict::fail,
                      answer ? "Redis answered something else than PONG" : "no answer from Redis",
                      "see `auterity status`, and logs/redis of the environment's folder"};
}

// As the services' user, since root may write where they may not.
Async<Judgement> judge_object_store(const Subject& subject) {
  if (!subject.platform)
    co_return Judgement{Verdict::skipped, "the platform was never started here",
                        "start it: auterity up"};
  const local::Platform& platform = *subject.platform;
  ProcessRequest request;
  request.arguments = {"mktemp", "--tmpdir=" + platform.layout.objects().string(),
                       "@check-XXXXXXXX"};
  request.timeout = std::chrono::seconds(3);
  if (platform.drops_privileges) request.run_as = platform.service_user;
  const auto outcome = co_await subject.context.processes.run(std::move(request));
  if (!outcome)
    co_return Judgement{Verdict::skipped, outcome.error().message, outcome.error().hint};
  if (outcome->exit_code != 0)
    co_return Judgement{
        Verdict::fail, fmt::format("{} cannot write to the object store", platform.service_user),
        fmt::format("mend owner, permissions or space of {}", platform.layout.objects().string())};
  const std::string made = outcome->output.substr(0, outcome->output.find('\n'));
  if (const Status removed = subject.context.files.remove_tree(made); !removed)
    co_return Judgement{Verdict::warn, "what was written could not be removed: " + made,
                        "remove it by hand"};
  co_return Judgement{Verdict::pass, fmt::format("{} can write to it", platform.service_user), ""};
}

class StoresFamily final : public Family {
 public:
  std::vector<std::string> ids() const override { return {"redis-reachable", "object-store"}; }

  Async<Result<std::vector<Finding>>> run(const Subject& subject) override {
    std::vector<Finding> findings;
    findings.push_back({"redis-reachable", co_await judge_redis(subject)});
    findings.push_back({"object-store", co_await judge_object_store(subject)});
    co_return findings;
  }
};

}  // namespace

std::unique_ptr<Family> make_stores_family() { return std::make_unique<StoresFamily>(); }

}  // namespace auterity::operations::check
