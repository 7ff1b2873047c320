#include "data/database_url.h"

#include <fmt/format.h>
#include <libpq-fe.h>

#include <memory>
#include <string_view>

namespace auterity::data {
namespace {

using Options = std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)>;

Result<Options> parse(const std::string& url) {
  char* message = nullptr;
  Options parsed(PQconninfoParse(url.c_str(), &message), PQconninfoFree);
  PQfreemem(message);  // repeats the URL, and with it the password
  if (parsed) return parsed;
  return fail(ErrorKind::invalid_input, "the database URL cannot be read",
              "write it as postgresql://user:password@host:port/database, special characters of "
              "the password percent-encoded");
}

std::string value_of(const Options& options, std::string_view keyword) {
  for (const auto* option = options.get(); option->keyword != nullptr; ++option)
    if (keyword == option->keyword && option->val != nullptr) return option->val;
  return {};
}

// key='value' with quotes and backslashes escaped.
std::string assignment(std::string_view keyword, std::string_view value) {
  std::string quoted;
  for (const char c : value) {
    if (c == '\'' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return fmt::format("{}='{}' ", keyword, quoted);
}

}  // namespace

Result<std::string> database_name(const std::string& url) {
  AUTERITY_TRY(options, parse(url));
  const std::string name = value_of(options, "dbname");
  return name.empty() ? value_of(options, "user") : name;
}

Result<std::string> shown_database(const std::string& url) {
  AUTERITY_TRY(options, parse(url));
  const std::string host = value_of(options, "host");
  const std::string port = value_of(options, "port");
  const std::string name = value_of(options, "dbname");
  return fmt::format("{}:{}/{}", host.empty() ? "localhost" : host, port.empty() ? "5432" : port,
                     name.empty() ? value_of(options, "user") : name);
}

Result<std::string> with_database(const std::string& url, const std::string& name) {
  AUTERITY_TRY(options, parse(url));
  std::string text = assignment("dbname", name);
  for (const auto* option = options.get(); option->keyword != nullptr; ++option)
    if (option->val != nullptr && std::string_view(option->keyword) != "dbname")
      text += assignment(option->keyword, option->val);
  text.pop_back();
  return text;
}

Result<std::map<std::string, std::string>> libpq_environment(const std::string& url) {
  AUTERITY_TRY(options, parse(url));
  std::map<std::string, std::string> environment;
  for (const auto* option = options.get(); option->keyword != nullptr; ++option)
    if (option->val != nullptr && option->envvar != nullptr)
      environment[option->envvar] = option->val;
  return environment;
}

}  // namespace auterity::data
