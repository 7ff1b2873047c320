// Builder of calls. HTTP runs; the other protocols and functions are checked.
#include <fmt/format.h>

#include <algorithm>

#include "engine/definition/build_authentication.h"
#include "engine/definition/build_data_flow.h"
#include "engine/definition/build_task.h"
#include "engine/definition/references.h"
#include "engine/definition/text_checks.h"

namespace auterity::engine {
namespace {

bool is_scheme_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '+' ||
         c == '-' || c == '.';
}

// "http" of "http://…"; empty for a relative reference or when a {variable} comes first.
std::string_view scheme_of(std::string_view uri) {
  const std::size_t end = uri.find_first_of(":/?#{");
  if (end == std::string_view::npos || uri[end] != ':') return {};
  const std::string_view scheme = uri.substr(0, end);
  return std::ranges::all_of(scheme, is_scheme_character) ? scheme : std::string_view();
}

void check_scheme(BuildContext& context, const Node& uri) {
  const std::string_view scheme = scheme_of(uri.text());
  if (scheme.empty() || scheme == "http" || scheme == "https") return;
  std::string_view rest = uri.text();
  if (rest.substr(scheme.size()).starts_with("://")) rest.remove_prefix(scheme.size() + 3);
  context.problems.add(uri,
                       fmt::format("an HTTP call goes to http:// or https://, not to '{}:'; "
                                   "write for example http://{}",
                                   scheme.substr(0, 32), rest.size() < 60 ? rest : "example.com/"));
}

void build_endpoint(BuildContext& context, const Node& arguments, CallHttpTask& result) {
  const auto endpoint = arguments.find("endpoint");
  if (!endpoint) return;
  const auto uri = endpoint->is_string() ? endpoint : endpoint->find_text("uri");
  if (uri) {
    result.endpoint_is_template = !is_runtime_expression(uri->text());
    if (result.endpoint_is_template) check_scheme(context, *uri);
    // A template is no jq, even where loose expressions are allowed.
    result.endpoint_uri = result.endpoint_is_template ? Template::literal(uri->value())
                                                      : context.compile(*uri, false);
  }
  if (const auto authentication = endpoint->find("authentication"))
    result.authentication = build_authentication(context, *authentication);
}

bool is_token_character(char c) {
  return is_scheme_character(c) || std::string_view("!#$%&'*_^`|~").contains(c);
}

void check_headers(BuildContext& context, const Node& arguments) {
  const auto headers = arguments.find("headers");
  if (!headers || !headers->is_object()) return;
  for (std::size_t i = 0; i < headers->size(); ++i) {
    const std::string_view name = headers->key(i);
    const Node value = headers->child(i);
    if (name.empty() || !std::ranges::all_of(name, is_token_character))
      context.problems.add(value, fmt::format("{} cannot be the name of a header; use letters, "
                                              "digits and '-'",
                                              quoted(name)));
    if (value.is_string() && !is_runtime_expression(value.text()) &&
        value.text().find_first_of("\r\n") != std::string_view::npos)
      context.problems.add(value, "a header's value is one line; remove the line break");
  }
}

CallHttpTask::Output output_of(const Node& arguments) {
  const auto output = arguments.find_text("output");
  if (output && output->text() == "raw") return CallHttpTask::Output::raw;
  if (output && output->text() == "response") return CallHttpTask::Output::response;
  return CallHttpTask::Output::content;
}

TaskBody build_http(BuildContext& context, const Node& task) {
  CallHttpTask result;
  const auto arguments = task.find("with");
  if (!arguments || !arguments->is_object()) return result;
  if (const auto method = arguments->find_text("method")) {
    result.method = method->text();
    for (char& c : result.method)
      if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  build_endpoint(context, *arguments, result);
  check_headers(context, *arguments);
  const auto compile = [&](std::string_view name) -> std::optional<Template> {
    const auto member = arguments->find(name);
    return member ? std::optional(context.compile(*member, false)) : std::nullopt;
  };
  result.headers = compile("headers");
  result.query = compile("query");
  result.body = compile("body");
  result.output = output_of(*arguments);
  const auto redirect = arguments->find("redirect");
  result.redirect = redirect && redirect->value().is_bool() && redirect->value().get_bool();
  return result;
}

constexpr std::string_view kCheckedProtocols[] = {"openapi", "grpc", "asyncapi", "a2a", "mcp"};

// Iterators stand where a subscription has them.
void check_iterator(BuildContext& context, const Node& arguments) {
  const auto subscription = arguments.find("subscription");
  const auto iterator = subscription ? subscription->find("foreach") : std::nullopt;
  if (!iterator) return;
  build_task_list(context, *iterator, "do");
  build_output(context, *iterator, "output");
  build_output(context, *iterator, "export");
}

}  // namespace

TaskBody build_call(BuildContext& context, const Node& task, const TaskScope&) {
  const auto call = task.find_text("call");
  if (!call) return UnsupportedTask{};
  if (call->text() == "http") return build_http(context, task);
  const bool is_protocol =
      std::ranges::find(kCheckedProtocols, call->text()) != std::end(kCheckedProtocols);
  if (!is_protocol) check_function(context, *call);
  const std::string keyword = fmt::format("call: {}", is_protocol ? call->text() : "function");
  context.mark_unsupported(task, keyword);

  const CheckingOnly checking(context);
  if (const auto arguments = task.find("with"); arguments && arguments->is_object()) {
    context.compile(*arguments, false);
    check_iterator(context, *arguments);
    if (const auto authentication = arguments->find("authentication"))
      build_authentication(context, *authentication);
  }
  return UnsupportedTask{keyword};
}

}  // namespace auterity::engine
