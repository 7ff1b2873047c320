#include "api/operations_view.h"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <optional>

#include "core/memory_files.h"
#include "core/system_clock.h"
#include "harness/event_loop.h"
#include "operations/journal/file_journal.h"

namespace auterity::api {
namespace {

using operations::Record;
using operations::RecordKind;

class CountingLog final : public Log {
 public:
  void write(LogLevel level, std::string_view, std::string_view, const LogContext&, LogFields,
             std::source_location) override {
    if (level == LogLevel::warning) ++warnings;
  }
  int warnings = 0;
};

class OperationsViewTest : public ::testing::Test {
 protected:
  void begin(const std::string& id, const std::string& kind) {
    operations::FileJournal journal(files_, "/operations");
    Record record{.kind = RecordKind::started, .at = Time(std::chrono::seconds(1'700'000'000))};
    record.id = id;
    record.plan.emplace();
    record.plan->operation = kind;
    const Status begun = journal.append(id, record);
    ASSERT_TRUE(begun) << begun.error().message;
  }
  void damage(const std::string& id, std::string_view content = "no record\n") {
    ASSERT_TRUE(files_.write_atomically("/operations/" + id + ".jsonl", content, 0600));
  }
  OperationsPage list(OperationsQuery query = {}) {
    auto page = loop_.run(view_->list(std::move(query)));
    EXPECT_TRUE(page) << page.error().message;
    return page ? std::move(*page) : OperationsPage{};
  }
  static std::string ids(const OperationsPage& page) {
    std::string text;
    for (const Json& item : page.items)
      text += std::string(string_or(find_member(item, "id"), "?")) + " ";
    return text;
  }

  harness::EventLoop loop_;
  MemoryFiles files_;
  CountingLog log_;
  SystemClock clock_;
  std::unique_ptr<OperationsView> view_ =
      make_journal_view(files_, clock_, log_, "/operations", loop_.executor());
};

TEST_F(OperationsViewTest, PagesNeitherRepeatNorSkip) {
  for (const char* id : {"a1", "a2", "a3", "a4", "a5"}) begin(id, "deploy");
  const OperationsPage first = list({.limit = 2});
  EXPECT_EQ(ids(first), "a5 a4 ");
  EXPECT_EQ(first.next, "a4");
  begin("a6", "deploy");  // what is new changes no page that follows
  const OperationsPage second = list({.before = first.next, .limit = 2});
  EXPECT_EQ(ids(second), "a3 a2 ");
  const OperationsPage last = list({.before = second.next, .limit = 2});
  EXPECT_EQ(ids(last), "a1 ");
  EXPECT_EQ(last.next, "");
}

TEST_F(OperationsViewTest, TheLastPageKnowsThatItIsTheLast) {
  for (const char* id : {"a1", "a2"}) begin(id, "deploy");
  begin("a0", "backup database");
  EXPECT_EQ(list({.limit = 3}).next, "");
  const OperationsPage last = list({.before = "a1", .limit = 1});
  EXPECT_EQ(ids(last), "a0 ");
  EXPECT_EQ(last.next, "");
}

TEST_F(OperationsViewTest, AJournalThatCannotBeReadHidesNoOther) {
  begin("a1", "deploy");
  begin("a3", "backup database");
  damage("a2");
  damage("a4", "{\"cut");  // ended before it began
  const OperationsPage page = list();
  EXPECT_EQ(ids(page), "a3 a2 a1 ");
  EXPECT_EQ(string_or(find_member(page.items[1], "state"), ""), "unreadable");
  EXPECT_TRUE(find_member(page.items[1], "started_at")->is_null());
  EXPECT_EQ(log_.warnings, 1);
}

TEST_F(OperationsViewTest, WithoutAJournalThereIsNothing) {
  EXPECT_EQ(ids(list()), "");
  EXPECT_EQ(loop_.run(view_->find("a1")).error().kind, ErrorKind::not_found);
  EXPECT_EQ(loop_.run(view_->find("../a1")).error().kind, ErrorKind::not_found);
}

}  // namespace
}  // namespace auterity::api
