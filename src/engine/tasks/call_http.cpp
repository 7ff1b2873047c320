// call: http, the part that is pure: every expression of the call is evaluated, authentication
// first (it is $authorization for the others), then the effect is asked for. The exchange itself is
// an EffectPerformer's.
#include <boost/beast/core/detail/base64.hpp>
#include <boost/json/object.hpp>

#include "engine/tasks/registry.h"

namespace auterity::engine {
namespace {

// The steps of the evaluation are also the places of the answers in Activation::arguments.
enum Step : std::uint16_t { authentication, uri, headers, query, body, calling };

const CallHttpTask& task_of(const Activation& self) {
  return std::get<CallHttpTask>(self.task->body);
}

const Template* find_template(const CallHttpTask& task, std::uint16_t step) {
  switch (step) {
    case Step::authentication:
      return task.authentication && !task.authentication->secret ? &task.authentication->properties
                                                                 : nullptr;
    case Step::uri:
      return &task.endpoint_uri;
    case Step::headers:
      return task.headers ? &*task.headers : nullptr;
    case Step::query:
      return task.query ? &*task.query : nullptr;
    case Step::body:
      return task.body ? &*task.body : nullptr;
    default:
      return nullptr;
  }
}

std::string_view scheme_name(AuthenticationPolicy::Kind kind) {
  using Kind = AuthenticationPolicy::Kind;
  switch (kind) {
    case Kind::basic:
      return "basic";
    case Kind::bearer:
      return "bearer";
    case Kind::digest:
      return "digest";
    case Kind::oauth2:
      return "oauth2";
    case Kind::oidc:
      return "oidc";
  }
  return "";
}

std::string to_base64(std::string_view bytes) {
  namespace base64 = boost::beast::detail::base64;
  std::string text(base64::encoded_size(bytes.size()), '\0');
  text.resize(base64::encode(text.data(), bytes.data(), bytes.size()));
  return text;
}

// {scheme, parameter} when the header is known without asking anybody, else null.
Value authorization_of(const AuthenticationPolicy& policy, const Json& properties) {
  if (policy.kind == AuthenticationPolicy::Kind::basic) {
    const std::string user(string_or(find_member(properties, "username"), ""));
    const std::string password(string_or(find_member(properties, "password"), ""));
    return make_value(
        JsonObject{{"scheme", "Basic"}, {"parameter", to_base64(user + ":" + password)}});
  }
  if (policy.kind == AuthenticationPolicy::Kind::bearer)
    return make_value(JsonObject{{"scheme", "Bearer"},
                                 {"parameter", string_or(find_member(properties, "token"), "")}});
  return nullptr;
}

class CallHttpBehaviour final : public TaskBehaviour {
 public:
  void begin(Progress& progress, Activation& self) const override {
    const CallHttpTask& task = task_of(self);
    self.arguments.assign(Step::calling, nullptr);
    if (!task.authentication || !task.authentication->secret)
      return ask_from(progress, self, Step::authentication);
    const std::string& name = *task.authentication->secret;
    const Json* secret = progress.execution().surroundings->secrets.if_contains(name);
    if (secret == nullptr) return progress.fail(self, missing_secret(name, self.task->pointer));
    authenticate(self, make_value(*secret));
    ask_from(progress, self, Step::uri);
  }

  Question question(const Execution&, const Activation& self) const override {
    return {.what = find_template(task_of(self), self.step), .data = self.input};
  }

  void answered(Progress& progress, Activation& self, Value answer) const override {
    if (self.step == Step::uri && !answer->is_string())
      return progress.fail(
          self, make_error(StandardError::expression, "the endpoint must yield a URI as text", {}));
    if (self.step == Step::authentication)
      authenticate(self, std::move(answer));
    else
      self.arguments[self.step] = std::move(answer);
    ask_from(progress, self, static_cast<std::uint16_t>(self.step + 1));
  }

  bool has_effect() const override { return true; }
  EffectKind effect_kind() const override { return EffectKind::call_http; }

  Json effect_arguments(const Execution&, const Activation& self) const override {
    JsonObject arguments;
    arguments["uri"] = *self.arguments[Step::uri];
    if (const Value& value = self.arguments[Step::headers]) arguments["headers"] = *value;
    if (const Value& value = self.arguments[Step::query]) arguments["query"] = *value;
    if (const Value& value = self.arguments[Step::body]) arguments["body"] = *value;
    if (const Value& properties = self.arguments[Step::authentication]) {
      JsonObject scheme;
      if (properties->is_object()) scheme = properties->get_object();
      scheme["scheme"] = scheme_name(task_of(self).authentication->kind);
      arguments["authentication"] = std::move(scheme);
    }
    if (self.authorization) arguments["authorization"] = *self.authorization;
    return arguments;
  }

 private:
  void ask_from(Progress& progress, Activation& self, std::uint16_t step) const {
    while (step < Step::calling && find_template(task_of(self), step) == nullptr) ++step;
    if (step < Step::calling)
      progress.ask(self, step);
    else
      progress.request_effect(self, Step::calling);
  }

  void authenticate(Activation& self, Value properties) const {
    self.authorization = authorization_of(*task_of(self).authentication, *properties);
    self.arguments[Step::authentication] = std::move(properties);
  }
};

}  // namespace

const TaskBehaviour& call_http_behaviour() {
  static const CallHttpBehaviour behaviour;
  return behaviour;
}

}  // namespace auterity::engine
