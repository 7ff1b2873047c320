#include "api/metrics_page/metrics_peers.h"

namespace auterity::api {
namespace {

constexpr std::string_view kUnix = "unix:";

std::string_view trimmed(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

}  // namespace

Result<MetricsPeers> MetricsPeers::parse(std::string_view text, std::string_view own) {
  MetricsPeers peers;
  peers.own_ = own;
  while (!text.empty()) {
    const std::size_t comma = std::min(text.find(','), text.size());
    const std::string_view one = trimmed(text.substr(0, comma));
    text.remove_prefix(std::min(comma + 1, text.size()));
    if (one.empty() || one == own) continue;
    const std::size_t star = one.find("/*");
    if (one.starts_with(kUnix) && star != std::string_view::npos) {
      peers.folders_.push_back({std::string(one.substr(kUnix.size(), star - kUnix.size())),
                                std::string(one.substr(star + 2))});
      continue;
    }
    auto address = parse_listen_address(one);
    if (!address)
      return std::unexpected(std::move(address).error().within("AUTERITY_METRICS_PEERS"));
    peers.addresses_.push_back(std::move(*address));
  }
  return peers;
}

std::vector<ListenAddress> MetricsPeers::find(Files& files) const {
  std::vector<ListenAddress> found = addresses_;
  for (const Folder& folder : folders_) {
    const auto names = files.list(folder.path);
    if (!names) continue;
    for (const std::string& name : *names) {
      const std::string address = std::string(kUnix) + folder.path + "/" + name;
      if (!name.ends_with(folder.ending) || address == own_) continue;
      if (auto parsed = parse_listen_address(address)) found.push_back(std::move(*parsed));
    }
  }
  return found;
}

}  // namespace auterity::api
