#include "operations/journal/operation_document.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>

namespace auterity::operations {
namespace {

Time at(int second) { return Time(std::chrono::seconds(1'700'000'000 + second)); }

TEST(OperationDocument, TellsWhoWhenWhyPlanStepsEvidenceAndWhatFollowed) {
  std::vector<Record> records;
  const auto add = [&](int second, Record record) {
    record.at = at(second);
    record.term = 3;
    records.push_back(std::move(record));
  };
  add(0, {.kind = RecordKind::started,
          .attribution = {"ada (as root)@here pid 7", "it hangs", "auterity 1.2.3"},
          .id = "op-1",
          .request = {{"component", "redis"}},
          .plan = Plan{"restart",
                       "staging",
                       {{"evidence", "keep logs", UndoPolicy::keep}},
                       {"release"},
                       {{"release", {"to 1.3.0"}, {{"to", "1.3.0"}}}}}});
  add(1, {.kind = RecordKind::began, .step = "evidence"});
  add(1, {.kind = RecordKind::applying, .step = "evidence"});
  add(4, {.kind = RecordKind::resumed, .attribution = {"bob@here pid 8", "", "auterity 1.2.4"}});
  add(5, {.kind = RecordKind::began, .step = "evidence"});
  add(6, {.kind = RecordKind::done, .step = "evidence", .text = "kept in /e"});
  add(7, {.kind = RecordKind::finished, .text = "done"});
  // As the journal keeps it.
  std::vector<Record> read;
  for (const Record& record : records) {
    const auto line = parse_record(to_line(record));
    ASSERT_TRUE(line) << line.error().message;
    read.push_back(*line);
  }
  const auto history = fold(read);
  ASSERT_TRUE(history) << history.error().message;
  const auto wanted = parse_json(R"({
    "id": "op-1", "kind": "restart", "environment": "staging", "state": "done",
    "who": "ada (as root)@here pid 7", "why": "it hangs", "program": "auterity 1.2.3",
    "started_at": "2023-11-14T22:13:20Z", "finished_at": "2023-11-14T22:13:27Z", "failure": "",
    "request": {"component": "redis"}, "term": 3, "satisfied": ["release"],
    "changes": {"release": {"to": "1.3.0", "text": ["to 1.3.0"]}},
    "steps": [{"name": "evidence", "description": "keep logs", "on_undo": "keep", "state": "done",
               "evidence": "kept in /e", "began_at": "2023-11-14T22:13:25Z",
               "at": "2023-11-14T22:13:26Z"}],
    "continuations": [{"what": "resumed", "at": "2023-11-14T22:13:24Z", "who": "bob@here pid 8",
                       "why": "", "program": "auterity 1.2.4"}]})");
  ASSERT_TRUE(wanted) << wanted.error().message;
  EXPECT_EQ(auterity::to_text(Json(operation_document(*history, false))),
            auterity::to_text(*wanted));
}

}  // namespace
}  // namespace auterity::operations
