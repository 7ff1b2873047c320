#include "cli/output.h"

#include <gtest/gtest.h>

#include "cli/progress.h"
#include "core/spelling.h"

namespace auterity::cli {
namespace {

TEST(ErrorText, IsTwoLinesAndTheLastIsTheHint) {
  EXPECT_EQ(error_text({ErrorKind::not_found, "no such file: x.yaml", "check the path"}),
            "error: no such file: x.yaml\nhint: check the path\n");
}

TEST(ErrorText, AlwaysHasAHint) {
  for (const ErrorKind kind :
       {ErrorKind::failed, ErrorKind::invalid_input, ErrorKind::conflict, ErrorKind::internal,
        ErrorKind::storage_full, ErrorKind::cancelled}) {
    const std::string text = error_text({kind, "message", ""});
    EXPECT_GT(text.size(), text.find("hint: ") + 8) << text;
  }
}

TEST(ErrorText, ShowsControlCharactersInsteadOfObeyingThem) {
  EXPECT_EQ(printable("a\x1b[2Jb\r\n"), "a\\x1b[2Jb\\x0d\n");
}

TEST(ErrorDocument, SaysKindAndExitCode) {
  EXPECT_EQ(to_text(error_document({ErrorKind::conflict, "locked", "wait"})),
            R"({"error":{"kind":"conflict","message":"locked","hint":"wait","exit_code":5}})");
}

TEST(Table, AlignsByCharactersAndLeavesNoTrailingSpaces) {
  EXPECT_EQ(table_text({"NAME", "STATE"}, {{"postgres", "up"}, {"größe", ""}}),
            "NAME      STATE\npostgres  up\ngröße\n");
}

TEST(Elapsed, ReadsAsPeopleSayIt) {
  using namespace std::chrono_literals;
  EXPECT_EQ(elapsed_text(340ms), "0.3 s");
  EXPECT_EQ(elapsed_text(12s), "12 s");
  EXPECT_EQ(elapsed_text(200s), "3 min 20 s");
  EXPECT_EQ(elapsed_text(2h + 5min + 7s), "2 h 5 min");
}

TEST(Spelling, FindsTheNearestWordOrNone) {
  EXPECT_EQ(*find_similar("valdate", {"run", "validate"}), "validate");
  EXPECT_EQ(*find_similar("vers", {"validate", "version"}), "version");
  EXPECT_EQ(find_similar("frobnicate", {"run", "validate"}), nullptr);
  EXPECT_EQ(find_similar("x", {"up"}), nullptr);
}

}  // namespace
}  // namespace auterity::cli
