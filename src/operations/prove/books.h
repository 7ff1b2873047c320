#pragma once
// What the platform acknowledged during a load, and what it must therefore have at the end. Pure:
// the load writes down each acknowledgement; at the end what the platform shows is held against
// them. A start is known by its number, which is in its input and its output.
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "core/json.h"
#include "operations/prove/load_mix.h"
#include "operations/prove/proof_report.h"

namespace auterity::operations {

class Books {
 public:
  struct Upload {
    std::string id;
    std::string sha256;
  };

  // The number of the next start.
  std::uint64_t next_start();
  // Again with the id that it had, or with another: then both must be there, and one is a
  // duplicate.
  void acknowledge_start(std::uint64_t number, StartKind kind, std::string id);
  void acknowledge_upload(Upload upload) { uploads_.push_back(std::move(upload)); }

  // A start that was acknowledged, by a number of any size; nullptr before there is one.
  struct Start {
    std::uint64_t number = 0;
    StartKind kind = StartKind::quick;
    std::string id;
  };
  const Start* find_start(std::uint64_t any) const;
  const Upload* find_upload(std::uint64_t any) const;
  const std::vector<Upload>& uploads() const { return uploads_; }

  // One of the executions that the platform has, each once.
  void found(const Json& execution);
  // Everything was found. Fills in the executions of the report.
  void balance(ProofReport& report) const;

 private:
  struct Found {
    std::string status;
    bool output_is_right = false;
  };
  // Whether it has ended as its start asked for.
  static bool is_right(const Found& execution, StartKind kind);

  std::uint64_t starts_ = 0;
  std::uint64_t strangers_ = 0;  // executions that no start asked for
  std::vector<Start> acknowledged_;
  std::unordered_set<std::string> acknowledged_ids_;
  std::unordered_map<std::uint64_t, std::uint64_t> executions_by_number_;
  std::unordered_map<std::string, Found> found_by_id_;
  std::vector<Upload> uploads_;
};

}  // namespace auterity::operations
