#include "targets/local/release_manifest.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "core/disk_files.h"
#include "harness/throwaway_folder.h"
#include "targets/local/release_archive.h"

namespace auterity::local {
namespace {

namespace fs = std::filesystem;

void write(const fs::path& path, std::string_view text) {
  fs::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << text;
}

ProgramFacts facts() {
  return {"1.2.3",        "0123abc-dirty", Time(std::chrono::seconds(1'700'000'000)),
          "linux-x86_64", {5, 55},         {1, 1}};
}

class ReleaseManifestTest : public testing::Test {
 protected:
  void SetUp() override {
    write(folder_ / "auterity", "the program");
    write(folder_ / "migrations/0001_a.up.sql", "create table a ();");
    write(folder_ / "web/assets/app.js", "1");
    write(folder_ / "web/index.html", "<html>");
    ReleaseManifest manifest{facts(), hash_folder(folder_, "").value(), {}};
    manifest.digest = digest_of(manifest.files);
    write(folder_ / kManifestFile, to_text(manifest));
  }

  std::vector<std::string> verify() { return verify_release(files_, folder_); }

  harness::ThrowawayFolder throwaway_{"release"};
  fs::path folder_ = throwaway_.path() / "1.2.3";
  DiskFiles files_;
};

TEST_F(ReleaseManifestTest, SaysWhatWasWritten) {
  const auto manifest = read_manifest(files_, folder_);
  ASSERT_TRUE(manifest) << manifest.error().message;
  EXPECT_EQ(manifest->facts.version, "1.2.3");
  EXPECT_EQ(manifest->facts.commit, "0123abc-dirty");
  EXPECT_EQ(to_rfc3339(manifest->facts.committed_at), "2023-11-14T22:13:20Z");
  EXPECT_EQ(manifest->facts.schema.newest, 55);
  EXPECT_EQ(manifest->facts.state_formats.oldest, 1);
  ASSERT_EQ(manifest->files.size(), 4u);
  EXPECT_EQ(manifest->files[0].path, "auterity");
  EXPECT_EQ(manifest->files[2].path, "web/assets/app.js");
  // sha256sum of "1"
  EXPECT_EQ(manifest->files[2].sha256,
            "6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b");
  EXPECT_EQ(manifest->size_bytes(), 11u + 18u + 1u + 6u);
}

TEST_F(ReleaseManifestTest, AWholeReleaseHasNothingToSay) {
  EXPECT_EQ(verify(), std::vector<std::string>{});
}

TEST_F(ReleaseManifestTest, NamesEachFileThatIsMissingTooMuchOrDifferent) {
  fs::remove(folder_ / "auterity");
  write(folder_ / "web/assets/app.js", "2");
  write(folder_ / "web/extra.html", "");
  EXPECT_EQ(verify(), (std::vector<std::string>{"auterity is missing", "web/assets/app.js differs",
                                                "web/extra.html is not part of the release"}));
}

TEST_F(ReleaseManifestTest, AManifestThatWasEditedOrMovedIsNoticed) {
  auto text = files_.read(folder_ / kManifestFile, 1 << 20).value();
  const std::size_t digits = text.find("6b86b273");
  ASSERT_NE(digits, std::string::npos);
  write(folder_ / kManifestFile, text.replace(digits, 8, "00000000"));
  ASSERT_EQ(verify().size(), 1u);
  EXPECT_NE(verify()[0].find("its digest does not belong"), std::string::npos) << verify()[0];

  fs::remove(folder_ / kManifestFile);
  SetUp();
  fs::rename(folder_, throwaway_.path() / "1.2.4");
  const auto moved = verify_release(files_, throwaway_.path() / "1.2.4");
  EXPECT_EQ(moved, std::vector<std::string>{"the manifest is that of version 1.2.3"});
}

TEST_F(ReleaseManifestTest, DigestDependsOnNamesAndContents) {
  const auto before = digest_of(hash_folder(folder_ / "web", "web/").value());
  fs::rename(folder_ / "web/index.html", folder_ / "web/index.htm");
  EXPECT_NE(digest_of(hash_folder(folder_ / "web", "web/").value()), before);
}

TEST(ProgramFacts, AnswersOfOtherProgramsAreRefused) {
  EXPECT_FALSE(parse_program_facts("auterity 0.1.0"));
  EXPECT_FALSE(parse_program_facts(R"({"version":"1.0.0","platform":"linux-x86_64"})"));
}

TEST(ReleaseArchive, NameSaysVersionAndPlatform) {
  EXPECT_EQ(archive_name("1.2.0", "linux-x86_64"), "auterity-1.2.0-linux-x86_64.tar.zst");
}

}  // namespace
}  // namespace auterity::local
