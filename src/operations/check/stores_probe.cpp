// Redis answers, and the services' user can write where objects are kept.
#include "core/finally.h"
#include "data/redis.h"
#include "operations/check/probes.h"

namespace auterity::operations::check {
namespace {

Async<Result<std::string>> ping(const Subject& subject) {
  const std::string url =
      variable_or(subject, "REDIS_URL", subject.platform ? subject.platform->redis_url() : "");
  if (url.empty())
    co_return fail(ErrorKind::not_ready, "there is no REDIS_URL and no platform here",
                   "start it with `auterity up`, or set REDIS_URL");
  const auto redis = data::open_redis(subject.context.executor, subject.context.clock,
                                      subject.context.log, {.url = url});
  auto answer = co_await finally(redis->command({"PING"}), redis->close());
  // What a server says in refusal is not repeated, and says nothing about readiness.
  if (!answer) co_return fail(ErrorKind::unavailable, "no answer from Redis");
  co_return std::move(answer->text);
}

// As the services' user, since root may write where they may not.
Async<Result<bool>> try_writing(const Subject& subject, StoresFacts& facts) {
  ProcessRequest request;
  request.arguments = {"mktemp", "--tmpdir=" + facts.objects, "@check-XXXXXXXX"};
  request.timeout = std::chrono::seconds(3);
  if (subject.platform->drops_privileges) request.run_as = facts.user;
  AUTERITY_CO_TRY(outcome, co_await subject.context.processes.run(std::move(request)));
  if (outcome.exit_code != 0) co_return false;
  std::string made = outcome.output.substr(0, outcome.output.find('\n'));
  if (!subject.context.files.remove_tree(made)) facts.leftover = std::move(made);
  co_return true;
}

}  // namespace

Async<Result<StoresFacts>> ask_stores(const Subject& subject) {
  StoresFacts facts;
  facts.redis = co_await ping(subject);
  if (!subject.platform) {
    facts.writable =
        fail(ErrorKind::not_ready, "the platform was never started here", "start it: auterity up");
    co_return facts;
  }
  facts.objects = subject.platform->layout.objects().string();
  facts.user = subject.platform->service_user;
  facts.writable = co_await try_writing(subject, facts);
  co_return facts;
}

}  // namespace auterity::operations::check
