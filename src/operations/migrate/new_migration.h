#pragma once
// `auterity migrate new NAME`: the two files of the next migration, with what an author must know
// in comments.
#include <string>

#include "core/error.h"
#include "core/files.h"

namespace auterity::operations {

struct NewMigration {
  int revision = 0;
  std::string up;  // paths
  std::string down;
};

// The next free number in `folder`. invalid_input for a name that is not of [a-z0-9_] or a folder
// that cannot be read as migrations.
Result<NewMigration> make_migration(Files& files, const std::string& folder,
                                    const std::string& name);

}  // namespace auterity::operations
