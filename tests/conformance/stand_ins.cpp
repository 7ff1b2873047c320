#include "stand_ins.h"

#include <algorithm>
#include <charconv>
#include <map>

#include "core/json.h"
#include "engine/tasks/http_content.h"

namespace auterity::conformance {
namespace {

using harness::StandInAnswer;
using harness::StandInRequest;
using Segments = std::vector<std::string>;

Segments segments_of(std::string_view path) {
  Segments segments;
  while (!path.empty()) {
    path.remove_prefix(1);  // the slash
    const std::size_t end = std::min(path.find('/'), path.size());
    segments.emplace_back(path.substr(0, end));
    path.remove_prefix(end);
  }
  segments.resize(std::max<std::size_t>(segments.size(), 4));
  return segments;
}

int number(std::string_view text, int fallback) {
  int value = fallback;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

StandInAnswer json_answer(const Json& value, int status = 200) {
  return {
      .status = status, .headers = {{"Content-Type", "application/json"}}, .body = to_text(value)};
}

StandInAnswer text_answer(std::string text, int status = 200) {
  return {.status = status,
          .headers = {{"Content-Type", "text/plain; charset=utf-8"}},
          .body = std::move(text)};
}

JsonObject pet(int id, std::string_view status) {
  return {{"id", id}, {"name", id == 1 ? "Milou" : "Rex"}, {"status", status}};
}

StandInAnswer pet_store(const StandInRequest& request, const Segments& path) {
  if (path[1] == "swagger.json") return json_answer(JsonObject{{"swagger", "2.0"}});
  if (path[2] == "findByStatus") {
    const auto status = request.query.find("status");
    const std::string wanted = status == request.query.end() ? "available" : status->second;
    return json_answer(JsonArray{pet(1, wanted), pet(2, wanted)});
  }
  const int id = number(path[2], 0);
  if (path[1] != "pet" || id <= 0 || !path[3].empty())
    return json_answer(JsonObject{{"code", 404}, {"message", "Pet not found"}}, 404);
  return json_answer(pet(id, "available"));
}

StandInAnswer with_credentials(const StandInRequest& request, const std::string& expected) {
  const auto given = request.headers.find("authorization");
  if (given == request.headers.end() || given->second != expected) {
    StandInAnswer refused = text_answer("sign in", 401);
    refused.headers.emplace_back("WWW-Authenticate", "Basic realm=\"stand-in\"");
    return refused;
  }
  return json_answer(JsonObject{{"authenticated", true}});
}

StandInAnswer echo(const StandInRequest& request) {
  JsonObject query, headers;
  for (const auto& [name, value] : request.query) query[name] = value;
  for (const auto& [name, value] : request.headers) headers[name] = value;
  return json_answer(JsonObject{{"method", request.method},
                                {"path", request.path},
                                {"query", query},
                                {"headers", headers},
                                {"body", request.body}});
}

StandInAnswer content(const std::string& kind) {
  if (kind == "json") return json_answer(JsonObject{{"a", JsonArray{1, 2.5, "x"}}});
  if (kind == "text") return text_answer("héllo");
  if (kind == "latin1")
    return {.headers = {{"Content-Type", "text/plain; charset=ISO-8859-1"}}, .body = "h\xE9llo"};
  if (kind == "binary")
    return {.headers = {{"Content-Type", "application/octet-stream"}}, .body = "\xFF\x01\xFE"};
  if (kind == "broken")
    return {.headers = {{"Content-Type", "application/json"}}, .body = "{\"a\": "};
  if (kind == "problem")
    return {.headers = {{"Content-Type", "application/problem+json"}}, .body = R"({"title":"t"})"};
  return {.status = 204, .headers = {}, .body = ""};
}

StandInAnswer redirect(const StandInRequest& request, const Segments& path) {
  if (path[0] == "redirect") {
    const int left = number(path[1], 0);
    const std::string next = left > 1 ? "/redirect/" + std::to_string(left - 1) : "/echo";
    return {.status = 302, .headers = {{"Location", next}}, .body = ""};
  }
  const auto query = [&](const char* name, const char* fallback) {
    const auto found = request.query.find(name);
    return found == request.query.end() ? fallback : found->second;
  };
  return {.status = number(query("status", "302"), 302),
          .headers = {{"Location", query("url", "/echo")}},
          .body = ""};
}

// Counts the requests of each name for /flaky.
class StandIns {
 public:
  StandInAnswer operator()(const StandInRequest& request) {
    const Segments path = segments_of(request.path);
    if (path[0] == "v2") return pet_store(request, path);
    if (path[0] == "basic-auth")
      return with_credentials(request, "Basic " + engine::to_base64(path[1] + ":" + path[2]));
    if (path[0] == "bearer") return with_credentials(request, "Bearer " + path[1]);
    if (path[0] == "echo") return echo(request);
    if (path[0] == "status") return text_answer("as you wish", number(path[1], 500));
    if (path[0] == "slow") {
      StandInAnswer late = json_answer(JsonObject{{"late", true}});
      late.delay = std::chrono::milliseconds(number(path[1], 0));
      return late;
    }
    if (path[0] == "redirect" || path[0] == "redirect-to") return redirect(request, path);
    if (path[0] == "content") return content(path[1]);
    if (path[0] == "flaky") return flaky(path);
    return text_answer("no such stand-in", 404);
  }

 private:
  StandInAnswer flaky(const Segments& path) {
    const int attempt = ++attempts_[path[1]];
    if (attempt <= number(path[2], 0)) return text_answer("not yet", 503);
    return json_answer(JsonObject{{"attempt", attempt}});
  }

  std::map<std::string, int> attempts_;
};

}  // namespace

harness::StandInServer::Handler make_stand_ins() { return StandIns(); }

}  // namespace auterity::conformance
