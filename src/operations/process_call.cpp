#include "operations/process_call.h"

#include <fmt/format.h>

namespace auterity::operations {

Async<Result<std::string>> call(Processes& processes, ProcessRequest request) {
  const std::string shown = fmt::format("{}", fmt::join(request.arguments, " "));
  AUTERITY_CO_TRY(outcome, co_await processes.run(std::move(request)));
  if (outcome.exit_code == 0) co_return std::move(outcome.output);
  std::string& said = outcome.error_output;
  while (!said.empty() && said.back() == '\n') said.pop_back();
  co_return fail(ErrorKind::failed, fmt::format("{}: {}", shown, said),
                 "check permissions and free space (df -h), then repeat the command");
}

Async<Status> call(Processes& processes, std::vector<std::string> arguments) {
  ProcessRequest request;
  request.arguments = std::move(arguments);
  AUTERITY_CO_CHECK(co_await call(processes, std::move(request)));
  co_return Status{};
}

}  // namespace auterity::operations
