// Tables of the call task: the arguments of each protocol. A name that is no protocol is a function
// (references.h resolves it).
#include <algorithm>

#include "engine/definition/grammar.h"

namespace auterity::engine::grammar {
namespace {

constexpr Field kHttpFields[] = {
    {"method", checked(check_method), true, "method: get"},
    {"endpoint", kEndpoint, true, "endpoint: https://example.com/orders/{orderId}"},
    {"headers", kTextOrTextMap},
    {"body", kAnyValue},
    {"query", kTextOrTextMap},
    {"output", choice(kHttpOutputs)},
    {"redirect", kTrueOrFalse},
};
constinit const ObjectRule kHttp{.title = "'with' of an HTTP call", .fields = kHttpFields};

constexpr Field kOpenApiFields[] = {
    {"document", object(kExternalResource), true, "document: {endpoint: https://…}"},
    {"operationId", kPlainText, true, "operationId: getPetById"},
    {"parameters", kAnyObject},
    {"authentication", object(kReferableAuthentication)},
    {"output", choice(kHttpOutputs)},
    {"redirect", kTrueOrFalse},
};
constinit const ObjectRule kOpenApi{.title = "'with' of an OpenAPI call", .fields = kOpenApiFields};

constexpr Field kServiceFields[] = {
    {"name", kPlainText, true, "name: GreeterApi.Greeter"},
    {"host", checked(check_host), true, "host: localhost"},
    {"port", ValueRule{.kinds = kInteger, .least = 0, .most = 65535}},
    {"authentication", object(kReferableAuthentication)},
};
constinit const ObjectRule kService{.title = "a gRPC service", .fields = kServiceFields};
constexpr Field kGrpcFields[] = {
    {"proto", object(kExternalResource), true, "proto: {endpoint: file://greet.proto}"},
    {"service", object(kService), true, "service: {name: …, host: …}"},
    {"method", kPlainText, true, "method: SayHello"},
    {"arguments", kAnyObject},
};
constinit const ObjectRule kGrpc{.title = "'with' of a gRPC call", .fields = kGrpcFields};

constexpr Field kServerFields[] = {{"name", kPlainText, true}, {"variables", kAnyObject}};
constinit const ObjectRule kServer{.title = "an AsyncAPI server", .fields = kServerFields};
constexpr Field kMessageFields[] = {{"payload", kAnyObject}, {"headers", kAnyObject}};
constinit const ObjectRule kMessage{.title = "an AsyncAPI message", .fields = kMessageFields};
constexpr std::string_view kConsumptionLimits[] = {"amount", "while", "until"};
constexpr Field kConsumeFields[] = {
    {"for", kDuration},
    {"amount", ValueRule{.kinds = kInteger, .least = 0}},
    {"while", checked(check_expression)},
    {"until", checked(check_expression)},
};
constinit const ObjectRule kConsume{
    .title = "consume", .fields = kConsumeFields, .exactly_one = kConsumptionLimits};
constexpr Field kSubscriptionFields[] = {
    {"filter", checked(check_expression)},
    {"consume", object(kConsume), true, "consume: {amount: 1}"},
    {"foreach", object(kSubscriptionIterator)},
};
constinit const ObjectRule kSubscription{.title = "a subscription", .fields = kSubscriptionFields};
constexpr std::string_view kProtocols[] = {
    "amqp",  "amqp1",   "anypointmq", "googlepubsub", "http", "ibmmq",  "jms",
    "kafka", "mercure", "mqtt",       "mqtt5",        "nats", "pulsar", "redis",
    "sns",   "solace",  "sqs",        "stomp",        "ws"};
constexpr Field kAsyncApiFields[] = {
    {"document", object(kExternalResource), true, "document: {endpoint: https://…}"},
    {"channel", kPlainText},
    {"operation", kPlainText},
    {"server", object(kServer)},
    {"protocol", choice(kProtocols)},
    {"message", object(kMessage)},
    {"subscription", object(kSubscription)},
    {"authentication", object(kReferableAuthentication)},
};
void check_async_api(const Node& arguments, ProblemList& problems) {
  if (arguments.find("operation").has_value() == arguments.find("channel").has_value())
    problems.add(arguments,
                 "an AsyncAPI call needs either 'operation' (AsyncAPI 3) or 'channel' "
                 "(AsyncAPI 2.6)");
  if (arguments.find("message").has_value() == arguments.find("subscription").has_value())
    problems.add(arguments,
                 "an AsyncAPI call needs either 'message' (to publish) or "
                 "'subscription' (to consume)");
}
constinit const ObjectRule kAsyncApi{
    .title = "'with' of an AsyncAPI call", .fields = kAsyncApiFields, .check = check_async_api};

constexpr std::string_view kAgentMethods[] = {"message/send",
                                              "message/stream",
                                              "tasks/get",
                                              "tasks/list",
                                              "tasks/cancel",
                                              "tasks/resubscribe",
                                              "tasks/pushNotificationConfig/set",
                                              "tasks/pushNotificationConfig/get",
                                              "tasks/pushNotificationConfig/list",
                                              "tasks/pushNotificationConfig/delete",
                                              "agent/getAuthenticatedExtendedCard"};
constinit const ObjectRule kAgentParameters{
    .title = "parameters", .open = true, .least_members = 1};
constexpr Field kAgentFields[] = {
    {"agentCard", object(kExternalResource)},
    {"server", kEndpoint},
    {"method", choice(kAgentMethods), true, "method: message/send"},
    {"parameters", text_or_object(kAgentParameters)},
};
constinit const ObjectRule kAgent{.title = "'with' of an A2A call", .fields = kAgentFields};

constexpr std::string_view kMcpMethods[] = {"tools/list",
                                            "tools/call",
                                            "prompts/list",
                                            "prompts/get",
                                            "resources/list",
                                            "resources/read",
                                            "resources/templates/list"};
constexpr Field kMcpHttpFields[] = {{"endpoint", kEndpoint, true, "endpoint: https://…"},
                                    {"headers", object(kTextMap)}};
constinit const ObjectRule kMcpHttp{.title = "an MCP transport by HTTP", .fields = kMcpHttpFields};
constexpr Field kMcpStdioFields[] = {
    {"command", kPlainText, true, "command: npx"},
    {"arguments", kTexts},
    {"environment", object(kTextMap)},
};
constinit const ObjectRule kMcpStdio{.title = "an MCP transport by stdio",
                                     .fields = kMcpStdioFields};
constexpr std::string_view kMcpTransports[] = {"http", "stdio"};
constexpr Field kTransportFields[] = {
    {"http", object(kMcpHttp)}, {"stdio", object(kMcpStdio)}, {"options", object(kTextMap)}};
constinit const ObjectRule kTransport{
    .title = "an MCP transport", .fields = kTransportFields, .exactly_one = kMcpTransports};
constexpr Field kMcpClientFields[] = {{"name", kPlainText, true}, {"version", kPlainText, true}};
constinit const ObjectRule kMcpClient{.title = "an MCP client", .fields = kMcpClientFields};
constexpr Field kMcpFields[] = {
    {"protocolVersion", kPlainText},
    {"method", choice(kMcpMethods), true, "method: tools/call"},
    {"parameters", kTextOrAnyObject},
    {"timeout", kDuration},
    {"transport", object(kTransport), true, "transport: {http: {endpoint: https://…}}"},
    {"client", object(kMcpClient)},
};
constinit const ObjectRule kMcp{.title = "'with' of an MCP call", .fields = kMcpFields};

// One task rule a protocol: `call` and `with` beside the fields of every task.
template <const ObjectRule& arguments>
struct CallRule {
  static constexpr Field kFields[] = {
      {"call", kPlainText},
      {"with", object(arguments), true, "with: {…}"},
  };
  static constexpr ObjectRule kRule{
      .title = "a call task", .fields = kFields, .more_fields = kTaskBase};
};
constexpr Field kFunctionFields[] = {{"call", checked(check_not_empty)}, {"with", kAnyObject}};
constinit const ObjectRule kFunction{
    .title = "a call task", .fields = kFunctionFields, .more_fields = kTaskBase};

struct Protocol {
  std::string_view name;
  const ObjectRule* rule;
};
constexpr Protocol kCalls[] = {
    {"http", &CallRule<kHttp>::kRule}, {"openapi", &CallRule<kOpenApi>::kRule},
    {"grpc", &CallRule<kGrpc>::kRule}, {"asyncapi", &CallRule<kAsyncApi>::kRule},
    {"a2a", &CallRule<kAgent>::kRule}, {"mcp", &CallRule<kMcp>::kRule},
};

}  // namespace

const ObjectRule* choose_call(const Node& task, ProblemList&) {
  const Node call = *task.find("call");
  if (call.is_string())
    for (const Protocol& protocol : kCalls)
      if (protocol.name == call.text()) return protocol.rule;
  return &kFunction;
}

}  // namespace auterity::engine::grammar
