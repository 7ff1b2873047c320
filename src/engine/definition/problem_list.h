#pragma once
// Collects what is wrong with a document while its reader and its checks go on, so that an author
// sees all of it at once. Keeps the first kMost problems; whoever does costly work to word a
// problem asks full() before.
#include <string>
#include <vector>

#include "engine/definition/parser.h"
#include "engine/definition/source_tree.h"

namespace auterity::engine {

class ProblemList {
 public:
  static constexpr std::size_t kMost = 100;

  void add(int line, std::string pointer, std::string message);
  void add(const Node& node, std::string message);
  bool full() const { return problems_.size() >= kMost; }
  bool empty() const { return problems_.empty(); }
  std::size_t size() const { return problems_.size(); }
  // In document order.
  std::vector<Problem> take() && { return std::move(problems_); }

 private:
  std::vector<Problem> problems_;
};

// "text" in quotes for a message, shortened when long; control characters are replaced.
std::string quoted(std::string_view text);

}  // namespace auterity::engine
