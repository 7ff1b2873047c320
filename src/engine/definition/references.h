#pragma once
// Names that refer to reusable parts of a definition: `use.authentications`, `use.errors`,
// `use.retries`, `use.timeouts`, `use.functions`, `use.secrets`.
#include <optional>
#include <string_view>

#include "engine/definition/build_context.h"

namespace auterity::engine {

// The part that `reference` (a text) names in `use.<kind>`; nullopt with a problem that lists the
// known names.
std::optional<Node> resolve_reference(BuildContext& context, const Node& reference,
                                      std::string_view kind);

// Reports a secret that use.secrets does not declare.
void check_secret(BuildContext& context, const Node& reference);

// The name in a call that is no protocol: a function of use.functions, `name:version@catalog`, or a
// URL.
void check_function(BuildContext& context, const Node& call);

}  // namespace auterity::engine
