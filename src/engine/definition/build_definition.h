#pragma once
// Builder of the whole definition.
#include "engine/definition/build_context.h"

namespace auterity::engine {

// Fills `definition`, whose `source` is the value that `context.root` shows. Of use only when no
// problem was reported.
void build_definition(BuildContext& context, Definition& definition);

}  // namespace auterity::engine
