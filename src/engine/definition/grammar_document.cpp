// Tables of a definition's top level and of the small objects found everywhere in it.
#include "engine/definition/duration.h"
#include "engine/definition/grammar.h"

namespace auterity::engine::grammar {
namespace {

constexpr Field kDocumentFields[] = {
    {"dsl", checked(check_dsl_version), true, "dsl: '1.0.3'"},
    {"namespace", checked(check_dns_label), true, "namespace: default"},
    {"name", checked(check_dns_label), true, "name: my-workflow"},
    {"version", checked(check_version), true, "version: '0.1.0'"},
    {"title", kPlainText},
    {"summary", kPlainText},
    {"tags", kAnyObject},
    {"metadata", kAnyObject},
};
constinit const ObjectRule kDocument{.title = "document", .fields = kDocumentFields};

constexpr ValueRule kOneAuthentication = object(kAuthentication);
constinit const ObjectRule kAuthentications{.title = "use.authentications",
                                            .each = &kOneAuthentication};
constexpr ValueRule kOneError = object(kErrorObject);
constinit const ObjectRule kErrors{.title = "use.errors", .each = &kOneError};
constinit const ObjectRule kFunctions{.title = "use.functions", .each = &kTask};
constexpr ValueRule kOneRetry = object(kRetryPolicy);
constinit const ObjectRule kRetries{.title = "use.retries", .each = &kOneRetry};
constexpr ValueRule kOneTimeout = object(kTimeout);
constinit const ObjectRule kTimeouts{.title = "use.timeouts", .each = &kOneTimeout};

constexpr Field kCatalogFields[] = {{"endpoint", kEndpoint, true, "endpoint: https://…"}};
constinit const ObjectRule kCatalog{.title = "a catalog", .fields = kCatalogFields};
constexpr ValueRule kOneCatalog = object(kCatalog);
constinit const ObjectRule kCatalogs{.title = "use.catalogs", .each = &kOneCatalog};

constexpr std::string_view kExtendable[] = {"call", "composite", "emit",   "for", "listen", "raise",
                                            "run",  "set",       "switch", "try", "wait",   "all"};
constexpr Field kExtensionFields[] = {
    {"extend", choice(kExtendable), true, "extend: call"},
    {"when", checked(check_not_empty)},
    {"before", kTaskList},
    {"after", kTaskList},
};
constinit const ObjectRule kExtension{.title = "an extension", .fields = kExtensionFields};
constexpr ValueRule kOneExtension = object(kExtension);
constinit const ObjectRule kExtensionItem{.title = "an item of use.extensions",
                                          .each = &kOneExtension,
                                          .least_members = 1,
                                          .most_members = 1};
constexpr ValueRule kNamedExtension = object(kExtensionItem);
constexpr ValueRule kSecretName = checked(check_not_empty);

constexpr Field kUseFields[] = {
    {"authentications", object(kAuthentications)},
    {"errors", object(kErrors)},
    {"extensions", list_of(kNamedExtension)},
    {"functions", object(kFunctions)},
    {"retries", object(kRetries)},
    {"secrets", list_of(kSecretName)},
    {"timeouts", object(kTimeouts)},
    {"catalogs", object(kCatalogs)},
};
constinit const ObjectRule kUse{.title = "use", .fields = kUseFields};

constexpr std::string_view kScheduleKinds[] = {"every", "cron", "after", "on"};
constexpr Field kScheduleFields[] = {
    {"every", kDuration},         {"cron", checked(check_cron)},
    {"after", kDuration},         {"on", object(kEventConsumption)},
    {"read", choice(kReadModes)},
};
void check_schedule(const Node& schedule, ProblemList& problems) {
  const auto read = schedule.find("read");
  if (read && !schedule.find("on"))
    problems.add(*read, "'read' goes with 'on' only; remove it, or schedule by events");
}
constinit const ObjectRule kSchedule{.title = "schedule",
                                     .fields = kScheduleFields,
                                     .exactly_one = kScheduleKinds,
                                     .check = check_schedule};

constexpr std::string_view kModes[] = {"strict", "loose"};
constexpr Field kEvaluateFields[] = {
    {"language", checked(check_language)},
    {"mode", choice(kModes)},
};
constinit const ObjectRule kEvaluate{.title = "evaluate", .fields = kEvaluateFields};

constexpr Field kRootFields[] = {
    {"document", object(kDocument), true,
     "document: {dsl: '1.0.3', namespace: default, name: my-workflow, version: '0.1.0'}"},
    {"input", object(kInput)},
    {"use", object(kUse)},
    {"do", kTaskList, true, "do: [{greet: {set: {greeting: hello}}}]"},
    {"timeout", text_or_object(kTimeout)},
    {"output", object(kOutput)},
    {"schedule", object(kSchedule)},
    {"evaluate", object(kEvaluate)},
};

constexpr std::string_view kSchemaKinds[] = {"document", "resource"};
constexpr Field kSchemaFields[] = {
    {"format", checked(check_not_empty)},
    {"document", kAnyValue},
    {"resource", object(kExternalResource)},
};
constinit const ObjectRule kSchema{
    .title = "a schema", .fields = kSchemaFields, .exactly_one = kSchemaKinds};

constexpr Field kInputFields[] = {{"schema", object(kSchema)}, {"from", kTextOrAnyObject}};
constexpr Field kOutputFields[] = {{"schema", object(kSchema)}, {"as", kTextOrAnyObject}};
constexpr Field kTimeoutFields[] = {{"after", kDuration, true, "after: {seconds: 30}"}};

constexpr ValueRule kAmount{.kinds = kInteger, .least = 0};
constexpr Field kDurationFields[] = {{"days", kAmount},
                                     {"hours", kAmount},
                                     {"minutes", kAmount},
                                     {"seconds", kAmount},
                                     {"milliseconds", kAmount}};
void check_length(const Node& duration, ProblemList& problems) {
  const auto length = to_duration(duration.value());
  if (!length && length.error().kind == ErrorKind::too_large)
    problems.add(duration, length.error().message + "; " + length.error().hint);
}

constexpr Field kErrorFields[] = {
    {"type", checked(check_uri), true, "type: https://example.com/errors/out-of-stock"},
    {"status", ValueRule{.kinds = kInteger, .least = 0, .most = 999}, true, "status: 400"},
    {"instance", checked(check_json_pointer)},
    {"title", kPlainText},
    {"detail", kPlainText},
};

constexpr std::string_view kBackoffKinds[] = {"constant", "exponential", "linear"};
// The standard defines no parameters of a backoff; a made-up one must not be ignored in silence.
constinit const ObjectRule kBackoffParameters{.title = "a backoff"};
constexpr Field kBackoffFields[] = {
    {"constant", object(kBackoffParameters)},
    {"exponential", object(kBackoffParameters)},
    {"linear", object(kBackoffParameters)},
};
constinit const ObjectRule kBackoff{
    .title = "backoff", .fields = kBackoffFields, .exactly_one = kBackoffKinds};
constexpr Field kAttemptFields[] = {{"count", kAmount}, {"duration", kDuration}};
constinit const ObjectRule kAttemptLimit{.title = "a retry limit's attempt",
                                         .fields = kAttemptFields};
constexpr Field kLimitFields[] = {{"attempt", object(kAttemptLimit)}, {"duration", kDuration}};
constinit const ObjectRule kLimit{.title = "a retry limit", .fields = kLimitFields};
constexpr Field kJitterFields[] = {
    {"from", kDuration, true, "from: {seconds: 0}"},
    {"to", kDuration, true, "to: {seconds: 1}"},
};
constinit const ObjectRule kJitter{.title = "jitter", .fields = kJitterFields};
constexpr Field kRetryFields[] = {
    {"when", checked(check_not_empty)},
    {"exceptWhen", checked(check_not_empty)},
    {"delay", kDuration},
    {"backoff", object(kBackoff)},
    {"limit", object(kLimit)},
    {"jitter", object(kJitter)},
};

}  // namespace

constinit const ObjectRule kRoot{.title = "a workflow", .fields = kRootFields};
constinit const ObjectRule kInput{
    .title = "input", .fields = kInputFields, .example = "input: {from: .order}"};
constinit const ObjectRule kOutput{
    .title = "output", .fields = kOutputFields, .example = "output: {as: .result}"};
constinit const ObjectRule kExport{
    .title = "export", .fields = kOutputFields, .example = "export: {as: .result}"};
constinit const ObjectRule kTimeout{
    .title = "a timeout", .fields = kTimeoutFields, .example = "timeout: {after: PT30S}"};
constinit const ObjectRule kDurationObject{.title = "a duration",
                                           .fields = kDurationFields,
                                           .least_members = 1,
                                           .check = check_length,
                                           .example = "{seconds: 30} or PT30S"};
constinit const ObjectRule kErrorObject{.title = "an error", .fields = kErrorFields};
constinit const ObjectRule kRetryPolicy{.title = "a retry policy", .fields = kRetryFields};

}  // namespace auterity::engine::grammar
