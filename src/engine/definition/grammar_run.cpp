// Tables of the run task: containers, scripts, shell commands and workflows.
#include "engine/definition/grammar.h"

namespace auterity::engine::grammar {
namespace {

constexpr std::string_view kCleanups[] = {"always", "never", "eventually"};
constexpr Field kLifetimeFields[] = {
    {"cleanup", choice(kCleanups), true, "cleanup: always"},
    {"after", kDuration},
};
void check_lifetime(const Node& lifetime, ProblemList& problems) {
  const auto cleanup = lifetime.find("cleanup");
  const auto after = lifetime.find("after");
  const bool eventually = cleanup && cleanup->is_string() && cleanup->text() == "eventually";
  if (eventually && !after)
    problems.add(lifetime, "cleanup 'eventually' needs 'after'; write for example after: PT30M");
  if (!eventually && after)
    problems.add(*after, "'after' goes with cleanup: eventually only; remove it");
}
constinit const ObjectRule kLifetime{
    .title = "a container's lifetime", .fields = kLifetimeFields, .check = check_lifetime};

constexpr std::string_view kPullPolicies[] = {"ifNotPresent", "always", "never"};
constexpr Field kContainerFields[] = {
    {"image", kPlainText, true, "image: alpine:3"},
    {"name", kPlainText},
    {"command", kPlainText},
    {"ports", kAnyObject},
    {"volumes", kAnyObject},
    {"environment", kAnyObject},
    {"stdin", kPlainText},
    {"arguments", kTexts},
    {"lifetime", object(kLifetime)},
    {"pullPolicy", choice(kPullPolicies)},
};
constinit const ObjectRule kContainer{.title = "a container", .fields = kContainerFields};

constexpr std::string_view kScriptSources[] = {"code", "source"};
constexpr Field kScriptFields[] = {
    {"language", kPlainText, true, "language: js"},
    {"code", kPlainText},
    {"source", object(kExternalResource)},
    {"stdin", kPlainText},
    {"arguments", kTexts},
    {"environment", kAnyObject},
};
constinit const ObjectRule kScript{
    .title = "a script", .fields = kScriptFields, .exactly_one = kScriptSources};

constexpr Field kShellFields[] = {
    {"command", kPlainText, true, "command: date"},
    {"stdin", kPlainText},
    {"arguments", kTexts},
    {"environment", kAnyObject},
};
constinit const ObjectRule kShell{.title = "a shell command", .fields = kShellFields};

constexpr Field kWorkflowFields[] = {
    {"namespace", kPlainText, true, "namespace: default"},
    {"name", kPlainText, true, "name: other-workflow"},
    {"version", kPlainText, true, "version: latest"},
    {"input", kAnyObject},
};
constinit const ObjectRule kWorkflow{.title = "a workflow to run", .fields = kWorkflowFields};

constexpr std::string_view kReturns[] = {"stdout", "stderr", "code", "all", "none"};
constexpr std::string_view kProcesses[] = {"container", "script", "shell", "workflow"};
constexpr Field kRunFields[] = {
    {"container", object(kContainer)}, {"script", object(kScript)}, {"shell", object(kShell)},
    {"workflow", object(kWorkflow)},   {"await", kTrueOrFalse},     {"return", choice(kReturns)},
};

}  // namespace

constinit const ObjectRule kRun{.title = "run", .fields = kRunFields, .exactly_one = kProcesses};

}  // namespace auterity::engine::grammar
