#include "cli/check_report.h"

#include <gtest/gtest.h>

namespace auterity::cli {
namespace {

using enum operations::Verdict;

operations::check::Report report() {
  return {{{"database-reachable", {fail, "no answer", "see `auterity status`"}, {}},
           {"clock", {skipped, "the database could not be asked", "mend it first"}, {}},
           {"disk", {pass, "68148 MiB free (26 %)", ""}, {}},
           {"database-version", {skipped, "the database could not be asked", "mend it first"}, {}},
           {"memory", {warn, "little\033[2J is left", "close something"}, {}}}};
}

TEST(CheckReport, TheWorstComesLastAndWhatIsSkippedForOneReasonStandsTogether) {
  EXPECT_EQ(report_text(report(), false, 0),
            "✓ disk                68148 MiB free (26 %)\n"
            "- clock, database-version\n"
            "                      skipped: the database could not be asked\n"
            "                      hint: mend it first\n"
            "! memory              little\\x1b[2J is left\n"
            "                      hint: close something\n"
            "✗ database-reachable  no answer\n"
            "                      hint: see `auterity status`\n"
            "fail: 1 passed, 2 skipped, 1 warned, 1 failed\n");
}

TEST(CheckReport, LongLinesAreWrappedBelowTheirBeginning) {
  const operations::check::Report long_one{
      {{"ports",
        {fail, "port 8000 is taken by a program of somebody else",
         "end that process, or choose another port: auterity up --port N"},
        {}}}};
  EXPECT_EQ(report_text(long_one, true, 50),
            "\033[31m✗\033[0m ports  port 8000 is taken by a program of\n"
            "         somebody else\n"
            "         hint: end that process, or choose another\n"
            "         port: auterity up --port N\n"
            "fail: 0 passed, 0 skipped, 0 warned, 1 failed\n");
}

TEST(CheckReport, ANarrowTerminalWrapsNothing) {
  const auto text = report_text(report(), false, 30);
  EXPECT_EQ(text, report_text(report(), false, 0));
}

}  // namespace
}  // namespace auterity::cli
