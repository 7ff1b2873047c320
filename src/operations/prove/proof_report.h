#pragma once
// What a load found out about a deploy, and how it is shown. Pure. Every attempt counts as a client
// that does not try again would have seen it: one without an answer, and every answer of 5xx, a 503
// that asks to come back included, is lost, although the load itself sends it again. Being
// asked to slow down (429) is no loss. What was acknowledged and is not there, or is something
// else, is lost, too; what is there more than once is duplicated.
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "core/json.h"
#include "operations/prove/latency_histogram.h"

namespace auterity::operations {

struct ProofReport {
  int asked_per_second = 0;
  Duration lasted{};  // from the first request's due time to the last answer

  std::uint64_t sent = 0;        // requests by the schedule
  std::uint64_t answered = 0;    // of these, as expected in the end
  std::uint64_t retried = 0;     // attempts beyond the first
  std::uint64_t unanswered = 0;  // attempts: connection lost, or nothing for half a minute
  std::uint64_t failed = 0;      // attempts: 5xx
  std::uint64_t unexpected = 0;  // attempts: any other answer that this request must not get
  std::uint64_t refused = 0;     // attempts: 429
  std::map<int, std::uint64_t> statuses;
  LatencyHistogram latency;  // from when a request was due to its answer, repetitions included

  struct Executions {
    std::uint64_t acknowledged = 0;
    std::uint64_t lost = 0;  // not there, not completed, or with another output
    std::uint64_t duplicated = 0;
  } executions;
  struct Uploads {
    std::uint64_t acknowledged = 0;
    std::uint64_t lost = 0;  // not there, or other bytes
  } uploads;
  struct Streams {
    std::uint64_t followed = 0;  // executions, from their first event to their last
    std::uint64_t reopened = 0;
    std::uint64_t cut = 0;  // of these, without the platform's farewell
    std::uint64_t events = 0;
    std::uint64_t lost = 0;
    std::uint64_t duplicated = 0;
  } streams;

  std::map<std::string, std::uint64_t> problems;  // what went wrong, and how often
  std::vector<std::string> left;                  // what of the load could not be removed

  std::string unbalanced;  // why the books could not be balanced; empty: they were

  // Different ones up to a limit; the rest counts as "others".
  void add_problem(std::string text);
  std::uint64_t lost() const;
  std::uint64_t duplicated() const;
  bool clean() const { return lost() == 0 && duplicated() == 0 && unbalanced.empty(); }
  double reached_per_second() const;  // answered
};

JsonObject to_json(const ProofReport& report);
// Lines for people.
std::string to_text(const ProofReport& report);

}  // namespace auterity::operations
