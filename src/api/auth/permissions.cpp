#include "api/auth/permissions.h"

#include <array>

namespace auterity::api {
namespace {

struct Row {
  Permission permission;
  std::string_view purpose;
  // viewer, editor, operator, admin
  std::array<bool, 4> allowed;
};

constexpr std::array kTable{
    Row{Permission::public_access, "use public routes", {true, true, true, true}},
    Row{Permission::signed_in, "see their own account", {true, true, true, true}},
    Row{Permission::view, "read workflows, executions and files", {true, true, true, true}},
    Row{Permission::edit, "publish workflows and start executions", {false, true, true, true}},
    Row{Permission::control, "control running executions", {false, true, true, true}},
    Row{Permission::manage_secrets, "manage secrets", {false, false, true, true}},
    Row{Permission::operate, "see operations and metrics", {false, false, true, true}},
    Row{Permission::manage_users, "manage users", {false, false, false, true}},
};

constexpr std::array<std::string_view, 4> kRoleNames{"viewer", "editor", "operator", "admin"};

const Row& row_of(Permission permission) { return kTable[static_cast<std::size_t>(permission)]; }

}  // namespace

std::string_view to_text(Role role) { return kRoleNames[static_cast<std::size_t>(role)]; }

std::optional<Role> parse_role(std::string_view text) {
  for (std::size_t i = 0; i < kRoleNames.size(); ++i)
    if (kRoleNames[i] == text) return static_cast<Role>(i);
  return std::nullopt;
}

bool is_allowed(Role role, Permission permission) {
  return row_of(permission).allowed[static_cast<std::size_t>(role)];
}

std::string_view purpose_of(Permission permission) { return row_of(permission).purpose; }

Role lowest_role_with(Permission permission) {
  for (std::size_t i = 0; i < kRoleNames.size(); ++i)
    if (row_of(permission).allowed[i]) return static_cast<Role>(i);
  return Role::admin;
}

}  // namespace auterity::api
