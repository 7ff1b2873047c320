// The pure part of `call: http`: what is asked of whoever performs it.
#include <gtest/gtest.h>

#include "harness/pure_run.h"

namespace auterity::engine {
namespace {

using harness::PureRun;

Json json(std::string_view text) { return *parse_json(text); }

TEST(CallHttpTask, EveryExpressionIsResolved) {
  PureRun run(R"(
do:
  - order:
      call: http
      with:
        method: post
        endpoint: 'https://example.com/{id}'
        headers: {X-Name: '${ .name }'}
        query: {page: '${ .page }'}
        body: {items: '${ .items }', fixed: true}
)",
              json(R"({"id":7,"name":"Ada","page":2,"items":[1]})"));
  run.run();
  ASSERT_EQ(run.effects().size(), 1u);
  const EffectRequest& effect = run.effects().front();
  EXPECT_EQ(effect.arguments, json(R"({"uri":"https://example.com/{id}","headers":{"X-Name":"Ada"},
              "query":{"page":2},"body":{"items":[1],"fixed":true}})"));
  EXPECT_EQ(*effect.input, json(R"({"id":7,"name":"Ada","page":2,"items":[1]})"));
  EXPECT_EQ(effect.idempotency_key, "01890000-0000-7000-8000-000000000001:2:1");
}

TEST(CallHttpTask, BasicCredentialsAreKnownToOtherExpressions) {
  PureRun run(R"(
do:
  - login:
      call: http
      with:
        method: get
        endpoint:
          uri: https://example.com
          authentication: {basic: {username: '${ .user }', password: '${ $secrets.door }'}}
        headers: {X-Scheme: '${ $authorization.scheme }'}
      output: {as: '{ parameter: $authorization.parameter }'}
use: {secrets: [door]}
)",
              json(R"({"user":"Ada"})"), JsonObject{{"door", "sesame"}});
  run.run();
  const Json& arguments = run.effects().front().arguments;
  EXPECT_EQ(*find_pointer(arguments, "/headers/X-Scheme"), Json("Basic"));
  EXPECT_EQ(*find_pointer(arguments, "/authorization/parameter"), Json("QWRhOnNlc2FtZQ=="));
  EXPECT_EQ(run.output(), json(R"({"parameter":"QWRhOnNlc2FtZQ=="})"));
}

constexpr std::string_view kUsesSecret = R"(
use: {secrets: [service]}
do:
  - login:
      call: http
      with:
        method: get
        endpoint: {uri: https://example.com, authentication: {bearer: {use: service}}}
)";

TEST(CallHttpTask, ASecretMayBeTheWholeAuthentication) {
  PureRun run(kUsesSecret, nullptr, JsonObject{{"service", JsonObject{{"token", "t0ken"}}}});
  run.run();
  EXPECT_EQ(*find_pointer(run.effects().front().arguments, "/authorization"),
            json(R"({"scheme":"Bearer","parameter":"t0ken"})"));
}

TEST(CallHttpTask, ASecretThatIsMissingIsAnAuthorizationError) {
  PureRun run(kUsesSecret);
  EXPECT_EQ(run.run().status, ExecutionStatus::faulted);
  EXPECT_EQ(*find_pointer(run.error(), "/status"), Json(403));
  EXPECT_EQ(*find_pointer(run.error(), "/instance"), Json("/do/0/login"));
}

TEST(CallHttpTask, ArgumentsAreNotStoredAndAreWorkedOutAgain) {
  PureRun run(kUsesSecret, nullptr, JsonObject{{"service", JsonObject{{"token", "t0ken"}}}});
  run.run_until_effect_or_timer();
  const EffectRequest first = effect_of(run.execution(), 2);
  run.through_storage();
  run.apply(Tick{});
  const EffectRequest again = effect_of(run.execution(), 2);
  EXPECT_EQ(first.arguments, again.arguments);
  EXPECT_EQ(first.idempotency_key, again.idempotency_key);
}

TEST(CallHttpTask, AnErrorOfTheCallIsRaisedAtTheTask) {
  PureRun run("do: [{a: {call: http, with: {method: get, endpoint: 'https://e.com'}}}]");
  run.with_effect([](const EffectRequest&) {
    return std::unexpected(make_error(StandardError::communication, "refused", ""));
  });
  run.run();
  EXPECT_EQ(*find_pointer(run.error(), "/instance"), Json("/do/0/a"));
}

TEST(CallHttpTask, AnEndpointThatIsNoTextIsAnExpressionError) {
  PureRun run("do: [{a: {call: http, with: {method: get, endpoint: '${ .nothing }'}}}]",
              json("{}"));
  EXPECT_EQ(run.run().status, ExecutionStatus::faulted);
  EXPECT_EQ(*find_pointer(run.error(), "/detail"), Json("the endpoint must yield a URI as text"));
}

}  // namespace
}  // namespace auterity::engine
