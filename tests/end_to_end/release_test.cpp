// Releases: packaged from a build, listed, checked, removed; a program names the release that it
// runs from.
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "harness/source_folder.h"
#include "machine.h"

namespace auterity::end_to_end {
namespace {

namespace fs = std::filesystem;

std::string text_of(const Json& value, std::string_view member) {
  return std::string(string_or(find_member(value, member), ""));
}

std::string content(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

// A source tree with a program of its own, so that builds can differ.
class Releases : public testing::Test {
 protected:
  void SetUp() override {
    fs::create_directories(tree_ / "build");
    fs::copy(harness::program_path(), tree_ / "build/auterity");
    for (const char* folder : {"web", "migrations"})
      fs::copy(harness::source_folder() / folder, tree_ / folder, fs::copy_options::recursive);
  }

  harness::ProgramOutcome build(const std::string& version) {
    return machine_.auterity(
        {"release", "build", "--version", version, "--program", tree_ / "build/auterity"});
  }
  fs::path archive(const std::string& version) {
    for (const auto& entry : fs::directory_iterator(machine_.state() / "releases"))
      if (entry.path().filename().string().starts_with("auterity-" + version + "-linux-"))
        return entry.path();
    return {};
  }

  Machine machine_;
  fs::path tree_ = machine_.home() / "tree";
};

TEST_F(Releases, ABuiltReleaseNamesItselfAndIsTheSameWhenBuiltAgain) {
  const auto built = build("1.4.0-rc.1");
  ASSERT_EQ(built.exit_code, 0) << built.error_output;
  const fs::path folder = machine_.state() / "releases/1.4.0-rc.1";
  Machine of_release;
  of_release.set_program(folder / "auterity");
  const Json facts = of_release.json({"version"});
  EXPECT_EQ(text_of(facts, "version"), "1.4.0-rc.1");
  EXPECT_GT(find_member(*find_member(facts, "schema"), "newest")->to_number<int>(), 0);

  const std::string manifest = content(folder / "manifest.json");
  const std::string packed = content(archive("1.4.0-rc.1"));
  ASSERT_FALSE(packed.empty());
  const auto again = build("1.4.0-rc.1");
  EXPECT_EQ(again.exit_code, 0) << again.error_output;
  EXPECT_NE(again.output.find("there already"), std::string::npos) << again.output;

  fs::remove_all(machine_.state() / "releases");
  ASSERT_EQ(build("1.4.0-rc.1").exit_code, 0);
  EXPECT_EQ(content(folder / "manifest.json"), manifest);
  EXPECT_TRUE(content(archive("1.4.0-rc.1")) == packed) << "the same bytes";
}

TEST_F(Releases, AnotherContentUnderTheSameVersionIsRefused) {
  ASSERT_EQ(build("1.0.0").exit_code, 0);
  std::ofstream(tree_ / "web/new.html") << "new";
  const auto refused = build("1.0.0");
  EXPECT_EQ(refused.exit_code, 5) << refused.error_output;
  EXPECT_NE(refused.error_output.find("another content"), std::string::npos);
  EXPECT_EQ(build("one").exit_code, 2);
  EXPECT_EQ(build("1.0").exit_code, 2);
  EXPECT_EQ(machine_.auterity({"release", "build"}).exit_code, 2);

  const auto planned = machine_.auterity(
      {"release", "build", "--version", "1.1.0", "--program", tree_ / "build/auterity", "--plan"});
  EXPECT_EQ(planned.exit_code, 0) << planned.error_output;
  EXPECT_FALSE(fs::exists(machine_.state() / "releases/1.1.0"));
}

TEST_F(Releases, ListShowsDamageAndPruneKeepsTheNewest) {
  for (const char* version : {"1.2.0", "1.10.0", "1.9.0"}) ASSERT_EQ(build(version).exit_code, 0);
  std::ofstream(machine_.state() / "releases/1.9.0/web/index.html") << "changed";
  const Json list = machine_.json({"release", "list"});
  ASSERT_EQ(list.get_array().size(), 3u);
  EXPECT_EQ(text_of(list.get_array()[0], "version"), "1.10.0");
  EXPECT_EQ(text_of(list.get_array()[0], "state"), "ready");
  EXPECT_EQ(text_of(list.get_array()[1], "state"), "damaged");
  EXPECT_NE(machine_.auterity({"release", "list"}).output.find("1.9.0: web/index.html differs"),
            std::string::npos);

  const auto pruned = machine_.auterity({"release", "prune", "--keep", "1"});
  ASSERT_EQ(pruned.exit_code, 0) << pruned.error_output;
  const Json left = machine_.json({"release", "list"});
  ASSERT_EQ(left.get_array().size(), 1u);
  EXPECT_EQ(text_of(left.get_array()[0], "version"), "1.10.0");
  EXPECT_TRUE(archive("1.9.0").empty());
  EXPECT_EQ(machine_.auterity({"operations", "undo", "latest"}).exit_code, 5);
  EXPECT_EQ(machine_.auterity({"release", "prune", "--keep", "1"}).output, "nothing to remove\n");
}

}  // namespace
}  // namespace auterity::end_to_end
