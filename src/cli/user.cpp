#include "cli/user.h"

#include <fmt/format.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <ostream>

#include "cli/account_access.h"
#include "cli/confirmation.h"
#include "cli/finally.h"
#include "cli/output.h"

namespace auterity::cli {
namespace {

constexpr std::size_t kPage = 200;

// What the four have in common: the accounts are opened, worked on and closed whatever happens.
class UserCommand : public Command {
 public:
  Async<Result<ExitCode>> run(World& world, const CommonOptions& common) override {
    AUTERITY_CO_TRY(accounts, AccountAccess::open(world, common));
    co_return co_await finally(work(world, common, *accounts), accounts->close());
  }

 protected:
  virtual Async<Result<ExitCode>> work(World& world, const CommonOptions& common,
                                       AccountAccess& accounts) = 0;

  static ExitCode show(World& world, const CommonOptions& common, const api::User& user,
                       std::string_view what) {
    if (common.json)
      print_json(world, user_document(user));
    else
      world.out << fmt::format("{} {} ({})\n", what, user.email, api::to_text(user.role));
    return kDone;
  }
};

class UserAddCommand final : public UserCommand {
 public:
  CommandFacts facts() const override {
    return {.name = "user add",
            .group = CommandGroup::accounts,
            .summary = "add an account",
            .details = "The password is asked for, or read from the first line of standard input."};
  }
  void declare(OptionSet& options) override {
    options.required_argument("EMAIL", email_, "the account's email address");
    options.choice("--role", {"viewer", "editor", "operator", "admin"}, role_,
                   "what it may do; default: viewer");
    options.text("--name", "NAME", name_, "the person's name");
  }

 protected:
  Async<Result<ExitCode>> work(World& world, const CommonOptions& common,
                               AccountAccess& accounts) override {
    AUTERITY_CO_TRY(password, read_hidden_line(world, fmt::format("password for {}", email_)));
    api::UserRequest request;
    request.email = email_;
    request.name = name_;
    request.password = std::move(password);
    request.role = api::parse_role(role_);
    AUTERITY_CO_TRY(user, co_await accounts.users().create(std::move(request)));
    co_return show(world, common, user, "added");
  }

 private:
  std::string email_;
  std::string role_ = "viewer";
  std::string name_;
};

class UserListCommand final : public UserCommand {
 public:
  CommandFacts facts() const override {
    return {.name = "user list",
            .group = CommandGroup::accounts,
            .summary = "list the accounts",
            .details = ""};
  }
  void declare(OptionSet&) override {}

 protected:
  Async<Result<ExitCode>> work(World& world, const CommonOptions& common,
                               AccountAccess& accounts) override {
    std::vector<api::User> users;
    std::optional<Uuid> before;
    while (true) {
      AUTERITY_CO_TRY(page, co_await accounts.users().store().list(before, kPage));
      users.insert(users.end(), page.begin(), page.end());
      if (page.size() < kPage) break;
      before = page.back().id;
    }
    print(world, common, users);
    co_return kDone;
  }

 private:
  static void print(World& world, const CommonOptions& common,
                    const std::vector<api::User>& users) {
    if (common.json) {
      JsonArray items;
      for (const api::User& user : users) items.push_back(user_document(user));
      print_json(world, JsonObject{{"users", std::move(items)}});
      return;
    }
    std::vector<std::vector<std::string>> rows;
    for (const api::User& user : users)
      rows.push_back({user.email, std::string(api::to_text(user.role)),
                      user.disabled_at ? "disabled" : "enabled", printable(user.name)});
    world.out << table_text({"EMAIL", "ROLE", "STATE", "NAME"}, rows);
  }
};

class UserDisableCommand final : public UserCommand {
 public:
  CommandFacts facts() const override {
    return {.name = "user disable",
            .group = CommandGroup::accounts,
            .summary = "stop an account from signing in, and end its sessions",
            .details =
                "With --undo it may sign in again. Accounts are never deleted: history "
                "names them."};
  }
  void declare(OptionSet& options) override {
    options.required_argument("EMAIL", email_, "the account's email address");
    options.flag("--undo", undo_, "let it sign in again");
  }

 protected:
  Async<Result<ExitCode>> work(World& world, const CommonOptions& common,
                               AccountAccess& accounts) override {
    AUTERITY_CO_TRY(user, co_await accounts.find(email_));
    api::UserRequest request;
    request.disabled = !undo_;
    AUTERITY_CO_TRY(changed, co_await accounts.users().change(user.id, std::move(request)));
    co_return show(world, common, changed, undo_ ? "enabled" : "disabled");
  }

 private:
  std::string email_;
  bool undo_ = false;
};

class UserPasswdCommand final : public UserCommand {
 public:
  CommandFacts facts() const override {
    return {.name = "user passwd",
            .group = CommandGroup::accounts,
            .summary = "set an account's password, and end its sessions",
            .details = "The password is asked for, or read from the first line of standard input."};
  }
  void declare(OptionSet& options) override {
    options.required_argument("EMAIL", email_, "the account's email address");
  }

 protected:
  Async<Result<ExitCode>> work(World& world, const CommonOptions& common,
                               AccountAccess& accounts) override {
    AUTERITY_CO_TRY(user, co_await accounts.find(email_));
    api::UserRequest request;
    AUTERITY_CO_TRY(password,
                    read_hidden_line(world, fmt::format("new password for {}", user.email)));
    request.password = std::move(password);
    AUTERITY_CO_TRY(changed, co_await accounts.users().change(user.id, std::move(request)));
    co_return show(world, common, changed, "password set for");
  }

 private:
  std::string email_;
};

}  // namespace

CommandPtr make_user_add_command() { return std::make_unique<UserAddCommand>(); }
CommandPtr make_user_list_command() { return std::make_unique<UserListCommand>(); }
CommandPtr make_user_disable_command() { return std::make_unique<UserDisableCommand>(); }
CommandPtr make_user_passwd_command() { return std::make_unique<UserPasswdCommand>(); }

}  // namespace auterity::cli
