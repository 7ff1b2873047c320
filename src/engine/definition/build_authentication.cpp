#include "engine/definition/build_authentication.h"

#include <fmt/format.h>

#include "engine/definition/references.h"

namespace auterity::engine {
namespace {

struct Scheme {
  std::string_view name;
  AuthenticationPolicy::Kind kind;
  bool runs;  // this build can do it
};
constexpr Scheme kSchemes[] = {
    {"basic", AuthenticationPolicy::Kind::basic, true},
    {"bearer", AuthenticationPolicy::Kind::bearer, true},
    {"digest", AuthenticationPolicy::Kind::digest, false},
    {"oauth2", AuthenticationPolicy::Kind::oauth2, false},
    {"oidc", AuthenticationPolicy::Kind::oidc, false},
};

std::optional<AuthenticationPolicy> build_policy(BuildContext& context, const Node& policy,
                                                 const Node& place) {
  for (const Scheme& scheme : kSchemes) {
    const auto settings = policy.find(scheme.name);
    if (!settings || !settings->is_object()) continue;
    if (!scheme.runs)
      context.mark_unsupported(place, fmt::format("authentication: {}", scheme.name));
    AuthenticationPolicy result{.kind = scheme.kind};
    if (const auto secret = settings->find_text("use")) {
      check_secret(context, *secret);
      result.secret = secret->text();
    } else {
      result.properties = context.compile(*settings, false);
    }
    return result;
  }
  return std::nullopt;
}

}  // namespace

std::optional<AuthenticationPolicy> build_authentication(BuildContext& context, const Node& node) {
  const auto reference = node.find_text("use");
  if (!reference) return build_policy(context, node, node);
  const auto policy = resolve_reference(context, *reference, "authentications");
  return policy ? build_policy(context, *policy, node) : std::nullopt;
}

}  // namespace auterity::engine
