#include "operations/prove/proof.h"

#include <fmt/format.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/json.hpp>
#include <thread>

#include "core/task_group.h"
#include "core/uuid.h"
#include "operations/prove/balance.h"
#include "operations/prove/followed_streams.h"
#include "operations/prove/paced_requests.h"

namespace auterity::operations {
namespace {

namespace asio = boost::asio;

constexpr std::int64_t kTokenLasts_s = 900;  // when the platform does not say

LoadAddress address_of(const local::Platform& platform) {
  return {platform.address == "*" ? "127.0.0.1" : platform.address, platform.public_port};
}

// Twelve digits of a UUID with a letter in front: it is part of a semantic version.
std::string run_name(Clock& clock, Random& random) {
  const std::string id = auterity::to_text(make_uuid(clock.now(), random));
  return "r" + id.substr(id.size() - 12);
}

}  // namespace

struct Proof::State {
  State(LoadWorld load_world, local::Credentials of)
      : world(std::move(load_world)),
        credentials(std::move(of)),
        group(loop.get_executor(), "prove",
              [this](std::string_view task, std::exception_ptr) {
                world.report.unbalanced = fmt::format("the task {} ended by an exception", task);
              }),
        requests(loop.get_executor(), world),
        streams(loop.get_executor(), world),
        thread([this] { loop.run(); }) {}

  ~State() {
    asio::post(loop, [this] { group.stop(); });
    busy.reset();
    thread.join();
  }

  // The following run on the load's thread.
  Async<Status> begin() {
    LoadClient client(loop.get_executor(), world);
    AUTERITY_CO_TRY(lasts, co_await sign_in(client));
    const auto published = co_await client.call({.what = "publish the workflow",
                                                 .method = "POST",
                                                 .target = "/api/workflows",
                                                 .headers = "Content-Type: application/json\r\n",
                                                 .body = load_workflow("1.0.0-" + world.run)});
    if (!published) co_return std::unexpected(published.error());
    world.workflow_id = published->status == 201 ? text_in(*published, "id") : "";
    if (world.workflow_id.empty())
      co_return fail(
          ErrorKind::failed,
          fmt::format("publishing the workflow of the load answered {} {}", published->status,
                      published->body.substr(0, 200)),
          "deploy without --prove, or see whether the platform is well: auterity status");
    group.spawn("token", keep_signed_in(lasts));
    requests.spawn_into(group);
    streams.spawn_into(group);
    co_return Status{};
  }

  Async<ProofReport> finish() {
    world.ending = true;
    co_await group.join();
    Balance balance(loop.get_executor(), world);
    co_await balance.settle();
    co_return std::move(world.report);
  }

  // How long the token lasts.
  Async<Result<Duration>> sign_in(LoadClient& client) {
    const auto answer = co_await client.call(
        {.what = "sign in",
         .method = "POST",
         .target = "/api/auth/login",
         .headers = "Content-Type: application/json\r\n",
         .body = auterity::to_text(
             Json(JsonObject{{"email", credentials.email}, {"password", credentials.password}}))});
    if (!answer) co_return std::unexpected(answer.error());
    std::string token = text_in(*answer, "access_token");
    if (answer->status != 200 || token.empty())
      co_return fail(ErrorKind::unauthenticated,
                     fmt::format("signing in for the load answered {}", answer->status),
                     "is the first administrator's password still that of credentials.json?");
    world.token = std::move(token);
    const auto document = parse_json(answer->body);
    const Json* lasts = document ? find_member(*document, "expires_in") : nullptr;
    co_return std::chrono::seconds(lasts != nullptr && lasts->is_int64() ? lasts->get_int64()
                                                                         : kTokenLasts_s);
  }

  Async<void> keep_signed_in(Duration lasts) {
    LoadClient client(loop.get_executor(), world);
    while (!world.ending) {
      co_await world.rest(lasts / 2);
      if (world.ending) co_return;
      if (const auto again = co_await sign_in(client)) lasts = *again;
    }
  }

  asio::io_context loop{1};
  asio::executor_work_guard<asio::io_context::executor_type> busy{loop.get_executor()};
  LoadWorld world;
  local::Credentials credentials;
  TaskGroup group;
  PacedRequests requests;
  FollowedStreams streams;
  std::thread thread;
};

Proof::Proof(std::unique_ptr<State> state) : state_(std::move(state)) {}
Proof::~Proof() = default;

Async<Result<std::unique_ptr<Proof>>> Proof::begin(Clock& clock, Random& random,
                                                   const local::Platform& platform,
                                                   int requests_per_second) {
  LoadWorld world{.clock = clock,
                  .address = address_of(platform),
                  .run = run_name(clock, random),
                  .requests_per_second = requests_per_second};
  world.report.asked_per_second = requests_per_second;
  auto state = std::make_unique<State>(std::move(world), platform.credentials);
  AUTERITY_CO_CHECK(co_await asio::co_spawn(state->loop, state->begin(), asio::use_awaitable));
  co_return std::unique_ptr<Proof>(new Proof(std::move(state)));
}

Async<ProofReport> Proof::finish() {
  co_return co_await asio::co_spawn(state_->loop, state_->finish(), asio::use_awaitable);
}

}  // namespace auterity::operations
