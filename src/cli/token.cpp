#include "cli/token.h"

#include <boost/json/object.hpp>
#include <ostream>

#include "api/auth/access_token.h"
#include "api/auth/sessions.h"
#include "cli/account_access.h"
#include "cli/finally.h"
#include "cli/output.h"

namespace auterity::cli {
namespace {

constexpr Duration kUsualLifetime = std::chrono::hours(1);

class TokenCommand final : public Command {
 public:
  CommandFacts facts() const override {
    return {.name = "token",
            .group = CommandGroup::accounts,
            .summary = "print a bearer token for the API",
            .details =
                "For whoever may read the environment's credentials: the token is signed "
                "with its key.\nDisabling the account or changing its password ends it."};
  }
  void declare(OptionSet& options) override {
    options.text("--user", "EMAIL", email_, "whose token; default: the first administrator");
    options.seconds("--lifetime", lifetime_, "how long it is valid, at most 86400; default: 3600");
  }

  Async<Result<ExitCode>> run(World& world, const CommonOptions& common) override {
    AUTERITY_CO_TRY(accounts, AccountAccess::open(world, common));
    co_return co_await finally(work(world, common, *accounts), accounts->close());
  }

 private:
  Async<Result<ExitCode>> work(World& world, const CommonOptions& common, AccountAccess& accounts) {
    const Duration lifetime = lifetime_.value_or(kUsualLifetime);
    if (lifetime > api::Sessions::kLongestAccessLifetime)
      co_return fail(ErrorKind::invalid_input, "--lifetime is longer than a day",
                     "print a new token when this one has expired");
    const std::string email = email_.value_or(accounts.administrator());
    if (email.empty())
      co_return fail(ErrorKind::invalid_input, "nobody is named",
                     "say whose token with --user EMAIL");
    AUTERITY_CO_CHECK(api::AccessTokens::check_key(accounts.jwt_secret_key()));
    AUTERITY_CO_TRY(user, co_await accounts.find(email));
    if (user.disabled_at)
      co_return fail(ErrorKind::forbidden, "the account is disabled",
                     "enable it with: auterity user disable --undo EMAIL");
    api::Principal principal;
    principal.user_id = user.id;
    principal.role = user.role;
    principal.token_id = make_uuid(world.clock.now(), world.random);
    principal.generation = user.generation;
    principal.expires_at = world.clock.now() + lifetime;
    const api::AccessTokens tokens(accounts.jwt_secret_key(), world.clock);
    AUTERITY_CO_TRY(token, tokens.issue(principal));
    if (common.json)
      print_json(world, JsonObject{{"access_token", token},
                                   {"token_type", "bearer"},
                                   {"expires_at", to_rfc3339(principal.expires_at)}});
    else
      world.out << token << '\n';
    co_return kDone;
  }

  std::optional<std::string> email_;
  std::optional<Duration> lifetime_;
};

}  // namespace

CommandPtr make_token_command() { return std::make_unique<TokenCommand>(); }

}  // namespace auterity::cli
