#include "api/metrics_page/metrics_peers.h"

#include <gtest/gtest.h>

#include "core/memory_files.h"

namespace auterity::api {
namespace {

std::vector<std::string> texts(const std::vector<ListenAddress>& addresses) {
  std::vector<std::string> texts;
  for (const ListenAddress& address : addresses) texts.push_back(to_text(address));
  return texts;
}

TEST(MetricsPeersTest, AreAllButThisProcess) {
  MemoryFiles memory;
  Files& files = memory;
  const auto peers = MetricsPeers::parse("unix:/run/a, unix:/run/b,127.0.0.1:9101,", "unix:/run/a");
  ASSERT_TRUE(peers) << peers.error().message;
  EXPECT_EQ(texts(peers->find(files)), (std::vector<std::string>{"unix:/run/b", "127.0.0.1:9101"}));
  EXPECT_FALSE(MetricsPeers::parse("nonsense", ""));
}

TEST(MetricsPeersTest, OfAFolderAreThoseOfTheMoment) {
  MemoryFiles memory;
  Files& files = memory;
  const auto peers =
      MetricsPeers::parse("unix:/run/x/*.metrics.sock", "unix:/run/x/blue-api-1.metrics.sock");
  ASSERT_TRUE(peers) << peers.error().message;
  EXPECT_TRUE(peers->find(files).empty());
  ASSERT_TRUE(files.create_directories("/run/x"));
  for (const char* name : {"blue-api-1.metrics.sock", "green-api-1.metrics.sock", "nginx.sock"})
    ASSERT_TRUE(files.write_atomically(std::filesystem::path("/run/x") / name, ""));
  EXPECT_EQ(texts(peers->find(files)),
            std::vector<std::string>{"unix:/run/x/green-api-1.metrics.sock"});
}

}  // namespace
}  // namespace auterity::api
