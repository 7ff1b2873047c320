#pragma once
// Turns a database URL into libpq's connection parameters, with what this project adds to every
// connection. The URL holds the password: no error here repeats any part of it.
#include <string>
#include <utility>
#include <vector>

#include "core/error.h"
#include "data/database.h"

namespace auterity::data {

class ConnectParameters {
 public:
  // invalid_input when the URL cannot be parsed. Settings of the URL win over ours, except that the
  // session's time zone is UTC, dates are ISO, and the server drops the work of a client that is
  // gone within a second.
  static Result<ConnectParameters> from(const DatabaseOptions& options);

  // Value of a keyword, empty when absent.
  const std::string& value(std::string_view keyword) const;
  void set(std::string_view keyword, std::string value);
  // A host name that must be looked up first, since libpq would do so blockingly; empty: none.
  std::string host_to_resolve() const;

  // NULL-terminated arrays for PQconnectStartParams; valid while this object is unchanged.
  struct Arrays {
    std::vector<const char*> keywords, values;
  };
  Arrays arrays() const;

 private:
  std::vector<std::pair<std::string, std::string>> values_;
};

}  // namespace auterity::data
