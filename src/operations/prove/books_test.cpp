#include "operations/prove/books.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>

namespace auterity::operations {
namespace {

Json execution(std::string_view id, int number, std::string_view status = "completed") {
  return JsonObject{{"id", id},
                    {"status", status},
                    {"input", JsonObject{{"number", number}, {"sleeps", false}}},
                    {"output", JsonObject{{"seen", number}}}};
}

class BooksOfTwoStarts : public testing::Test {
 protected:
  BooksOfTwoStarts() {
    for (const char* id : {"a", "b"})
      books_.acknowledge_start(books_.next_start(), StartKind::quick, id);
  }
  ProofReport balanced() {
    ProofReport report;
    books_.balance(report);
    return report;
  }

  Books books_;
};

TEST_F(BooksOfTwoStarts, BalanceWhenEachIsThereOnce) {
  books_.acknowledge_start(1, StartKind::quick, "b");  // the same answer again
  books_.found(execution("a", 0));
  books_.found(execution("b", 1));
  books_.found(execution("b", 1));  // a page that overlaps the one before
  const ProofReport report = balanced();
  EXPECT_TRUE(report.clean());
  EXPECT_EQ(report.executions.acknowledged, 2u);
}

TEST_F(BooksOfTwoStarts, MissAnExecutionThatIsNotThere) {
  books_.found(execution("a", 0));
  EXPECT_EQ(balanced().executions.lost, 1u);
}

TEST_F(BooksOfTwoStarts, MissOneThatDidNotCompleteOrHasAnotherOutput) {
  books_.found(execution("a", 0, "faulted"));
  Json wrong = execution("b", 1);
  wrong.as_object()["output"] = JsonObject{{"seen", 0}};
  books_.found(wrong);
  const ProofReport report = balanced();
  EXPECT_EQ(report.executions.lost, 2u);
  EXPECT_TRUE(report.problems.contains("an execution is faulted in the end"));
}

TEST_F(BooksOfTwoStarts, OnlyAStartThatLastsMayEndCancelled) {
  books_.acknowledge_start(books_.next_start(), StartKind::lasting, "c");
  books_.found(execution("a", 0));
  books_.found(execution("b", 1, "cancelled"));
  books_.found(execution("c", 2, "cancelled"));
  EXPECT_EQ(balanced().executions.lost, 1u);
}

TEST_F(BooksOfTwoStarts, SeeOneThatIsThereTwice) {
  books_.found(execution("a", 0));
  books_.found(execution("b", 1));
  books_.found(execution("c", 1));
  EXPECT_EQ(balanced().executions.duplicated, 1u);
}

TEST_F(BooksOfTwoStarts, SeeASecondIdForTheSameKey) {
  books_.acknowledge_start(1, StartKind::quick, "c");
  books_.found(execution("a", 0));
  books_.found(execution("b", 1));
  EXPECT_EQ(balanced().executions.lost, 1u);
  books_.found(execution("c", 1));
  const ProofReport report = balanced();
  EXPECT_EQ(report.executions.lost, 0u);
  EXPECT_EQ(report.executions.duplicated, 1u);
}

TEST_F(BooksOfTwoStarts, SeeAnExecutionThatNobodyStarted) {
  books_.found(execution("a", 0));
  books_.found(execution("b", 1));
  books_.found(execution("c", 7));
  EXPECT_EQ(balanced().executions.duplicated, 1u);
}

TEST_F(BooksOfTwoStarts, AStartWithoutAnAnswerMayBeThereOrNot) {
  books_.next_start();
  books_.found(execution("a", 0));
  books_.found(execution("b", 1));
  EXPECT_TRUE(balanced().clean());
  books_.found(execution("c", 2));
  EXPECT_TRUE(balanced().clean());
}

TEST_F(BooksOfTwoStarts, KnowWhatWasAcknowledged) {
  EXPECT_EQ(books_.find_start(0)->id, "b");
  EXPECT_EQ(books_.find_start(3)->id, "a");
  EXPECT_EQ(books_.find_upload(0), nullptr);
  books_.acknowledge_upload({"f", "sha"});
  EXPECT_EQ(books_.find_upload(12)->id, "f");
}

}  // namespace
}  // namespace auterity::operations
