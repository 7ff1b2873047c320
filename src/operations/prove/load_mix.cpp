#include "operations/prove/load_mix.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

namespace auterity::operations {
namespace {

// Of a hundred.
constexpr std::array<std::pair<LoadKind, std::uint64_t>, 8> kShares{{
    {LoadKind::list, 55},
    {LoadKind::read, 22},
    {LoadKind::start_waiting, 6},
    {LoadKind::start_async, 6},
    {LoadKind::start_sleeper, 1},
    {LoadKind::start_again, 3},
    {LoadKind::upload, 2},
    {LoadKind::download, 5},
}};
constexpr std::uint64_t kMixed = 37;  // coprime to a hundred: neighbours are of different kinds
constexpr std::size_t kUploadBytes = 16 << 10;

constexpr int kTurns = 4;
constexpr int kLastingTurns = 100;

constexpr std::string_view kWorkflow = R"({
  "document": {"dsl": "1.0.1", "namespace": "auterity", "name": "prove-deploy", "version": "VERSION",
               "summary": "Run by auterity deploy --prove; removed when the deploy has ended."},
  "do": [
    {"choose": {"switch": [{"sleeper": {"when": "${ .sleeps }", "then": "sleep"}},
                           {"followed": {"when": "${ .followed }", "then": "turns"}},
                           {"other": {"then": "finish"}}]}},
    {"sleep": {"wait": {"seconds": 3}, "then": "finish"}},
    {"turns": {"for": {"each": "turn", "in": "${ .turns }"},
               "do": [{"pause": {"wait": {"milliseconds": 500}}}]}},
    {"finish": {"set": {"seen": "${ .number }"}}}
  ]
})";
constexpr std::string_view kVersionPlace = "VERSION";

}  // namespace

LoadKind kind_of(std::uint64_t request) {
  std::uint64_t place = request % 100 * kMixed % 100;
  for (const auto& [kind, share] : kShares) {
    if (place < share) return kind;
    place -= share;
  }
  return LoadKind::list;
}

Duration due_at(std::uint64_t request, int requests_per_second) {
  const auto rate = static_cast<std::uint64_t>(requests_per_second);
  const Duration whole = std::chrono::seconds(request / rate);
  return whole + Duration(static_cast<Duration::rep>(request % rate * 1'000'000 / rate));
}

int connections_for(int requests_per_second) {
  return std::clamp(requests_per_second / 20, 4, 256);
}

int streams_for(int requests_per_second) { return std::clamp(requests_per_second / 100, 2, 16); }

std::string load_workflow(std::string_view version) {
  std::string text(kWorkflow);
  text.replace(text.find(kVersionPlace), kVersionPlace.size(), version);
  return text;
}

std::string start_body(std::uint64_t number, StartKind kind) {
  std::string body =
      fmt::format(R"({{"input":{{"number":{},"sleeps":{}}}}})", number, kind == StartKind::sleeper);
  if (kind != StartKind::followed && kind != StartKind::lasting) return body;
  const std::vector<int> turns(kind == StartKind::followed ? kTurns : kLastingTurns, 0);
  body.insert(body.size() - 2,
              fmt::format(R"(,"followed":true,"turns":[{}])", fmt::join(turns, ",")));
  return body;
}

std::string upload_content(std::string_view run, std::uint64_t number) {
  const std::string line = fmt::format("{} {}\n", run, number);
  std::string content;
  content.reserve(kUploadBytes + line.size());
  while (content.size() < kUploadBytes) content += line;
  return content;
}

}  // namespace auterity::operations
