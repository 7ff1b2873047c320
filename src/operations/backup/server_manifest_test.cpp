#include "operations/backup/server_manifest.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace auterity::operations::backup {
namespace {

constexpr std::string_view kControl =
    R"({"Path":"global/pg_control","Size":8192,"Checksum-Algorithm":"CRC32C","Checksum":"05eb7cdf"})";

std::string manifest_with(std::string_view file) {
  return fmt::format(
      R"({{"PostgreSQL-Backup-Manifest-Version":1,"Files":[{},{}],"WAL-Ranges":[]}})", kControl,
      file);
}

TEST(ServerManifest, KnowsSizesAndChecksums) {
  const auto manifest = parse_server_manifest(manifest_with(
      R"({"Encoded-Path":"626173652fff","Size":3,"Checksum-Algorithm":"SHA256","Checksum":"ab"})"));
  ASSERT_TRUE(manifest) << manifest.error().message;
  ASSERT_EQ(manifest->size(), 2u);
  EXPECT_EQ(manifest->at("global/pg_control").size, 8192u);
  EXPECT_EQ(manifest->at("global/pg_control").checksum, "05eb7cdf");
  EXPECT_EQ(manifest->at("base/\xff").algorithm, ManifestFile::Algorithm::sha256);
}

TEST(ServerManifest, RefusesWhatCannotBeTrusted) {
  for (const auto& text :
       {std::string("{"), std::string("[]"), std::string(R"({"Files":[]})"),
        manifest_with(R"({"Path":"a"})"), manifest_with(R"({"Path":"a","Size":-1})"),
        manifest_with(R"({"Size":1})"), manifest_with(R"({"Encoded-Path":"abc","Size":1})"),
        manifest_with(R"({"Path":"a","Size":1,"Checksum-Algorithm":"MD5","Checksum":"0"})"),
        manifest_with(kControl)}) {
    const auto manifest = parse_server_manifest(text);
    ASSERT_FALSE(manifest) << text;
    EXPECT_EQ(manifest.error().kind, ErrorKind::failed);
  }
}

}  // namespace
}  // namespace auterity::operations::backup
