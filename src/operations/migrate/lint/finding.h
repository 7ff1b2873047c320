#pragma once
// What a rule of the linter says and what it may ask. A rule is a pure function over one statement
// and its surroundings; each family of rules is one file with one entry function, listed in
// linter.cpp. Rules follow those of squawk and strong_migrations, mended for PostgreSQL 15.
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "data/migrations/script.h"
#include "data/migrations/sql_tree.h"

namespace auterity::operations::lint {

struct Finding {
  std::string rule;  // "index-not-concurrent"
  std::string file;
  int line = 0;
  std::string what;         // what the statement does
  std::string consequence;  // what that means for a running platform
  std::string mend;         // what to write instead
};

// Estimated rows per table name ("users" or "app.users") of a live database.
using TableSizes = std::map<std::string, std::int64_t, std::less<>>;

struct Surroundings {
  std::string file;
  data::RunClass run_class = data::RunClass::transaction;
  std::set<data::TableName> created;    // by this migration, so nobody uses them yet
  std::set<std::string> created_types;  // likewise
  std::optional<TableSizes> sizes;      // nullopt: no database was given
};

class Report {
 public:
  Report(const Surroundings& around, const data::SqlStatement& statement,
         std::vector<Finding>& findings)
      : around_(around), statement_(statement), findings_(findings) {}

  const Surroundings& around() const { return around_; }
  void add(std::string rule, std::string what, std::string consequence, std::string mend);
  // Nobody uses the table yet: this migration makes it.
  bool is_new(const data::TableName& table) const { return around_.created.contains(table); }
  // A scan or a rewrite of it takes no time worth speaking of. False without a database.
  bool is_small(const data::TableName& table) const;

 private:
  const Surroundings& around_;
  const data::SqlStatement& statement_;
  std::vector<Finding>& findings_;
};

// Tables with at most so many rows count as small.
inline constexpr std::int64_t kSmallTableRows = 10000;

}  // namespace auterity::operations::lint
