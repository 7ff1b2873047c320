// Tables of endpoints, external resources and authentication.
#include "engine/definition/grammar.h"

namespace auterity::engine::grammar {
namespace {

constexpr Field kEndpointFields[] = {
    {"uri", checked(check_uri), true, "uri: https://example.com/orders/{orderId}"},
    {"authentication", object(kReferableAuthentication)},
};
constexpr Field kResourceFields[] = {
    {"name", kPlainText},
    {"endpoint", kEndpoint, true, "endpoint: https://example.com/schema.json"},
};

// A credential is written out, or `use` names the secret that holds all of them.
void check_user_and_password(const Node& credentials, ProblemList& problems) {
  const bool has_user = credentials.find("username").has_value();
  const bool has_password = credentials.find("password").has_value();
  const auto use = credentials.find("use");
  if (use && (has_user || has_password))
    problems.add(*use, "either 'use' (the name of a secret) or 'username' and 'password'");
  if (!use && !(has_user && has_password))
    problems.add(credentials,
                 "needs 'username' and 'password', or 'use' with the name of a secret");
}
void check_token(const Node& credentials, ProblemList& problems) {
  const auto use = credentials.find("use");
  const auto token = credentials.find("token");
  if (use && token) problems.add(*use, "either 'use' (the name of a secret) or 'token'");
  if (!use && !token)
    problems.add(credentials, "needs 'token', or 'use' with the name of a secret");
}
void check_oauth2(const Node& settings, ProblemList& problems) {
  const auto use = settings.find("use");
  if (use && settings.size() > 1)
    problems.add(*use, "either 'use' (the name of a secret) alone or the settings themselves");
  if (use) return;
  for (const std::string_view name : {"authority", "grant"})
    if (!settings.find(name))
      problems.add(settings, std::string("needs '") + std::string(name) +
                                 "', or 'use' with the name of a secret");
}

constexpr Field kPasswordFields[] = {
    {"username", kPlainText}, {"password", kPlainText}, {"use", checked(check_not_empty)}};
constinit const ObjectRule kBasic{.title = "basic authentication",
                                  .fields = kPasswordFields,
                                  .check = check_user_and_password,
                                  .example = "basic: {username: …, password: …}"};
constinit const ObjectRule kDigest{.title = "digest authentication",
                                   .fields = kPasswordFields,
                                   .check = check_user_and_password,
                                   .example = "digest: {username: …, password: …}"};
constexpr Field kBearerFields[] = {{"token", kPlainText}, {"use", checked(check_not_empty)}};
constinit const ObjectRule kBearer{.title = "bearer authentication",
                                   .fields = kBearerFields,
                                   .check = check_token,
                                   .example = "bearer: {token: '${ .token }'}"};

constexpr std::string_view kGrants[] = {"authorization_code", "client_credentials", "password",
                                        "refresh_token",
                                        "urn:ietf:params:oauth:grant-type:token-exchange"};
constexpr std::string_view kClientAuthentications[] = {
    "client_secret_basic", "client_secret_post", "client_secret_jwt", "private_key_jwt", "none"};
constexpr Field kClientFields[] = {
    {"id", kPlainText},
    {"secret", kPlainText},
    {"assertion", kPlainText},
    {"authentication", choice(kClientAuthentications)},
};
constinit const ObjectRule kClient{.title = "an OAuth2 client", .fields = kClientFields};
constexpr std::string_view kEncodings[] = {"application/x-www-form-urlencoded", "application/json"};
constexpr Field kRequestFields[] = {{"encoding", choice(kEncodings)}};
constinit const ObjectRule kRequest{.title = "an OAuth2 token request", .fields = kRequestFields};
constexpr Field kTokenFields[] = {{"token", kPlainText, true}, {"type", kPlainText, true}};
constinit const ObjectRule kToken{.title = "an OAuth2 token", .fields = kTokenFields};
constexpr Field kEndpointsFields[] = {
    {"token", checked(check_literal_uri)},
    {"revocation", checked(check_literal_uri)},
    {"introspection", checked(check_literal_uri)},
};
constinit const ObjectRule kEndpoints{.title = "OAuth2 endpoints", .fields = kEndpointsFields};

constexpr Field kConnectFields[] = {
    {"authority", checked(check_literal_uri)},
    {"grant", choice(kGrants)},
    {"client", object(kClient)},
    {"request", object(kRequest)},
    {"issuers", kTexts},
    {"scopes", kTexts},
    {"audiences", kTexts},
    {"username", kPlainText},
    {"password", kPlainText},
    {"subject", object(kToken)},
    {"actor", object(kToken)},
    {"use", checked(check_not_empty)},
};
constexpr Field kOauth2Extra[] = {{"endpoints", object(kEndpoints)}};
constinit const ObjectRule kOauth2{.title = "oauth2 authentication",
                                   .fields = kConnectFields,
                                   .more_fields = kOauth2Extra,
                                   .check = check_oauth2};
constinit const ObjectRule kOidc{
    .title = "oidc authentication", .fields = kConnectFields, .check = check_oauth2};

constexpr std::string_view kSchemes[] = {"basic", "bearer", "digest", "oauth2", "oidc"};
constexpr std::string_view kSchemesOrUse[] = {"use", "basic", "bearer", "digest", "oauth2", "oidc"};
constexpr Field kSchemeFields[] = {
    {"basic", object(kBasic)},   {"bearer", object(kBearer)}, {"digest", object(kDigest)},
    {"oauth2", object(kOauth2)}, {"oidc", object(kOidc)},
};
constexpr Field kReference[] = {{"use", checked(check_not_empty)}};

}  // namespace

constinit const ObjectRule kTextMap{.title = "names with texts", .each = &kPlainText};
constinit const ObjectRule kEndpointObject{.title = "an endpoint", .fields = kEndpointFields};
constinit const ObjectRule kExternalResource{.title = "a resource", .fields = kResourceFields};
constinit const ObjectRule kAuthentication{.title = "an authentication policy",
                                           .fields = kSchemeFields,
                                           .exactly_one = kSchemes,
                                           .example = "basic: {username: …, password: …}"};
constinit const ObjectRule kReferableAuthentication{.title = "an authentication policy",
                                                    .fields = kSchemeFields,
                                                    .more_fields = kReference,
                                                    .exactly_one = kSchemesOrUse,
                                                    .example = "authentication: {use: NAME}"};

}  // namespace auterity::engine::grammar
