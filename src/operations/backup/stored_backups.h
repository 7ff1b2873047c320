#pragma once
// Objects of backups in their location, whatever the catalogue says of them: by the stamp in their
// names. For removing what a backup had and what one that died left.
#include <set>
#include <string>

#include "data/object_store.h"
#include "operations/backup/manifest.h"

namespace auterity::operations::backup {

// In order.
Async<Result<std::vector<std::string>>> keys_under(data::ObjectStore& store, std::string prefix);
// Stamps of all objects under database/ and application-data/ that carry one.
Async<Result<std::set<std::string>>> stored_stamps(data::ObjectStore& store);
// Keys of the objects of one backup.
Async<Result<std::vector<std::string>>> objects_of(data::ObjectStore& store,
                                                   std::string environment, std::string stamp);
Async<Status> remove_objects(data::ObjectStore& store, std::string environment, std::string stamp);

// "…-20261124T103000Z-0123456789ab.base.tar.zst" has a stamp; nullopt for what has none.
std::optional<std::string> find_stamp(std::string_view key);
// When a backup of that stamp was begun.
std::optional<Time> time_of_stamp(std::string_view stamp);

}  // namespace auterity::operations::backup
