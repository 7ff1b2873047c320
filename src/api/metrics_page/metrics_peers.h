#pragma once
// Where the other processes of this platform show their metrics: addresses given one by one, or all
// sockets of a folder. A folder is looked at each time, since processes come and go while a release
// replaces another or the platform is scaled.
#include <string>
#include <string_view>
#include <vector>

#include "api/http_server/listen_address.h"
#include "core/error.h"
#include "core/files.h"

namespace auterity::api {

class MetricsPeers {
 public:
  MetricsPeers() = default;
  // AUTERITY_METRICS_PEERS: addresses with commas between them; "unix:/folder/*.metrics.sock" is
  // every file of that folder with that ending. `own` is this process' own address, which is left
  // out. invalid_input for anything else.
  static Result<MetricsPeers> parse(std::string_view text, std::string_view own);

  // The peers of this moment. A folder that cannot be read has none.
  std::vector<ListenAddress> find(Files& files) const;

 private:
  struct Folder {
    std::string path;
    std::string ending;
  };
  std::vector<ListenAddress> addresses_;
  std::vector<Folder> folders_;
  std::string own_;
};

}  // namespace auterity::api
