#pragma once
// Who may do what: four roles, one table (permissions.cpp). A route names the permission it needs,
// never a role.
#include <cstdint>
#include <optional>
#include <string_view>

namespace auterity::api {

enum class Role : std::uint8_t { viewer, editor, operator_, admin };
std::string_view to_text(Role role);  // "operator"
std::optional<Role> parse_role(std::string_view text);

enum class Permission : std::uint8_t {
  public_access,   // no token needed
  signed_in,       // any valid token
  view,            // read workflows, executions, files and the platform's state
  edit,            // publish workflows, start executions, send events, upload files
  control,         // cancel, suspend, resume and restart executions
  manage_secrets,  // write and remove secrets, list their names
  operate,         // operations, backups, metrics
  manage_users,
};
bool is_allowed(Role role, Permission permission);
// "edit workflows and start executions": what the permission is for, for messages.
std::string_view purpose_of(Permission permission);
// The lowest role that has it, for hints.
Role lowest_role_with(Permission permission);

}  // namespace auterity::api
