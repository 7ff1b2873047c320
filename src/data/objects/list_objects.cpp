// Walking the folder in the order of keys, without entering what prefix and `after` rule out.
#include <sys/stat.h>

#include <algorithm>

#include "data/objects/file_error.h"
#include "data/objects/object_folder.h"

namespace auterity::data {
namespace {

namespace fs = std::filesystem;

struct Walk {
  const ObjectFolder& folder;
  const std::string& prefix;
  const std::string& after;
  std::size_t limit;
  std::vector<ObjectInfo> found;

  // Names of one folder's entries in the order of the keys below them: a folder sorts with its
  // slash.
  static Result<std::vector<std::string>> names(const fs::path& path, bool top) {
    std::vector<std::string> result;
    std::error_code error;
    for (fs::directory_iterator entry(path, error), end; !error && entry != end;
         entry.increment(error)) {
      auto name = entry->path().filename().string();
      if (top && name.starts_with('@')) continue;
      std::error_code ignored;
      const auto type = entry->symlink_status(ignored).type();
      if (type == fs::file_type::directory) name += '/';
      if (type == fs::file_type::directory || type == fs::file_type::regular)
        result.push_back(std::move(name));
    }
    // A folder that was removed meanwhile holds nothing.
    if (error && (top || error.value() != ENOENT))
      return file_error(error.value(), "listing objects");
    std::ranges::sort(result);
    return result;
  }

  // Whether keys that begin with `stem` can be wanted.
  bool leads_to_wanted(const std::string& stem) const {
    const bool in_prefix = stem.starts_with(prefix) || prefix.starts_with(stem);
    return in_prefix && (after.starts_with(stem) || stem > after);
  }

  Status enter(const fs::path& root, const std::string& stem) {
    AUTERITY_TRY(entries, names(root / stem, stem.empty()));
    for (const auto& name : entries) {
      if (found.size() >= limit) return {};
      const auto key = stem + name;
      if (key.ends_with('/')) {
        if (leads_to_wanted(key)) AUTERITY_CHECK(enter(root, key));
      } else if (key.starts_with(prefix) && key > after) {
        auto object = folder.open(key);
        if (object) found.push_back(std::move(object->info));
      }
    }
    return {};
  }
};

}  // namespace

Result<std::vector<ObjectInfo>> ObjectFolder::list(const std::string& prefix,
                                                   const std::string& after,
                                                   std::size_t limit) const {
  Walk walk{*this, prefix, after, limit, {}};
  AUTERITY_CHECK(walk.enter(root_, ""));
  return std::move(walk.found);
}

}  // namespace auterity::data
