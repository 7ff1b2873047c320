#include "engine/store/write_batch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace auterity::engine {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

Uuid id(std::uint8_t last) {
  Uuid result;
  result.bytes[15] = last;
  return result;
}

Write save(std::uint8_t execution, std::int64_t seq, std::size_t bytes = 10) {
  SaveWrite write{.id = id(execution)};
  write.history = {.seq = seq, .term = 1, .events = std::string(bytes, 'x')};
  return write;
}

Write keyed(std::uint8_t execution, std::string key, std::uint8_t workflow = 200) {
  CreateWrite write{.id = id(execution), .workflow_id = id(workflow)};
  write.key = StartKey{.kind = "idempotency", .key = std::move(key)};
  return write;
}

TEST(WriteQueue, KeepsTheOrderOfArrival) {
  WriteQueue<int> queue({});
  queue.push(save(1, 1), 1);
  queue.push(save(2, 1), 2);
  queue.push(save(3, 1), 3);
  EXPECT_THAT(queue.take_batch(), ElementsAre(1, 2, 3));
  EXPECT_TRUE(queue.empty());
  EXPECT_THAT(queue.take_batch(), IsEmpty());
}

TEST(WriteQueue, IsBoundedInWrites) {
  WriteQueue<int> queue({.max_writes = 2});
  for (std::uint8_t i = 1; i <= 5; ++i) queue.push(save(i, 1), i);
  EXPECT_THAT(queue.take_batch(), ElementsAre(1, 2));
  EXPECT_THAT(queue.take_batch(), ElementsAre(3, 4));
  EXPECT_THAT(queue.take_batch(), ElementsAre(5));
}

TEST(WriteQueue, IsBoundedInBytesButLetsOneLargeWriteGoAlone) {
  WriteQueue<int> queue({.max_writes = 10, .max_bytes = 100});
  queue.push(save(1, 1, 60), 1);
  queue.push(save(2, 1, 60), 2);
  queue.push(save(3, 1, 1000), 3);
  queue.push(save(4, 1, 40), 4);
  EXPECT_THAT(queue.take_batch(), ElementsAre(1));
  EXPECT_THAT(queue.take_batch(), ElementsAre(2));
  EXPECT_THAT(queue.take_batch(), ElementsAre(3));
  EXPECT_THAT(queue.take_batch(), ElementsAre(4));
}

TEST(WriteQueue, AnExecutionIsInOneBatchAtATime) {
  WriteQueue<int> queue({});
  queue.push(save(1, 1), 11);
  queue.push(save(1, 2), 12);
  queue.push(save(1, 3), 13);
  queue.push(save(2, 1), 21);
  EXPECT_THAT(queue.take_batch(), ElementsAre(11, 21));
  EXPECT_THAT(queue.take_batch(), IsEmpty());
  queue.finished(save(1, 1));
  EXPECT_THAT(queue.take_batch(), ElementsAre(12));
  EXPECT_THAT(queue.take_batch(), IsEmpty());
  queue.finished(save(1, 2));
  EXPECT_THAT(queue.take_batch(), ElementsAre(13));
}

TEST(WriteQueue, AStartKeyIsInOneBatchAtATime) {
  WriteQueue<int> queue({});
  queue.push(keyed(1, "a"), 1);
  queue.push(keyed(2, "a"), 2);
  queue.push(keyed(3, "b"), 3);
  queue.push(keyed(4, "a", 201), 4);  // another workflow's
  EXPECT_THAT(queue.take_batch(), ElementsAre(1, 3, 4));
  EXPECT_THAT(queue.take_batch(), IsEmpty());
  queue.finished(keyed(1, "a"));
  EXPECT_THAT(queue.take_batch(), ElementsAre(2));
}

TEST(WriteQueue, WhatWasPassedOverStaysInFront) {
  WriteQueue<int> queue({.max_writes = 2});
  queue.push(save(1, 1), 11);
  EXPECT_THAT(queue.take_batch(), ElementsAre(11));
  queue.push(save(1, 2), 12);
  queue.push(save(2, 1), 21);
  queue.push(save(3, 1), 31);
  queue.push(save(4, 1), 41);
  EXPECT_THAT(queue.take_batch(), ElementsAre(21, 31));
  queue.finished(save(1, 1));
  EXPECT_THAT(queue.take_batch(), ElementsAre(12, 41));
}

}  // namespace
}  // namespace auterity::engine
