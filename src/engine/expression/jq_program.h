#pragma once
// jq expressions compiled together. Only evaluator processes use this: see evaluator.h. Each
// expression stands in a definition of its own inside one wrapper that binds the arguments, takes
// the process's environment, inputs and clock away and selects by number, so that compiling, which
// costs tens of milliseconds, happens once. Expressions that are not jq are left out and remembered
// with their reason. The texts must have passed inspect_expression.
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace auterity::engine {

namespace protocol {
class Reader;
class Writer;
struct NotJq;
}  // namespace protocol

class JqProgram {
 public:
  // `names`: the arguments' names, without "$"; those that jq cannot bind are ignored.
  JqProgram(std::vector<std::string> names, std::vector<std::string> texts);
  ~JqProgram();
  JqProgram(const JqProgram&) = delete;
  JqProgram& operator=(const JqProgram&) = delete;

  // In order of slots.
  std::vector<protocol::NotJq> problems() const;

  struct Limits {
    std::uint32_t max_result_bytes = 0;
    std::uint32_t max_depth = 0;
  };
  // Reads an evaluate request after its first byte and writes the outcomes' list. false when the
  // request makes no sense.
  bool evaluate(protocol::Reader& request, protocol::Writer& answer, const Limits& limits);

 private:
  struct Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace auterity::engine
