#pragma once
// `auterity release build`: packages what is built, without compiling: a release folder with its
// manifest, and an archive of it. plan_release_build() is pure. A version never changes its
// content: the same content again is nothing to do, another one is refused. Undone, it removes what
// it made.
#include <memory>
#include <string>

#include "operations/local_context.h"
#include "operations/operation.h"

namespace auterity::operations {

struct ReleaseBuildRequest {
  std::string version;
  std::filesystem::path program;  // of the build
  std::string digest;             // of its content; known once it was planned
};

struct ReleaseBuildFacts {
  std::string environment;
  std::filesystem::path releases;  // the folder
  std::string digest;              // of what is built
  std::size_t files = 0;
  std::uint64_t size_bytes = 0;
  std::string there;      // digest of the installed release of this version; empty: there is none
  bool whole = false;     // and nothing of it is damaged
  bool archived = false;  // its archive is there
};
// conflict when the version is there with another content.
Result<Plan> plan_release_build(const ReleaseBuildRequest& request, const ReleaseBuildFacts& facts);

class ReleaseBuildOperation final : public Operation {
 public:
  ReleaseBuildOperation(LocalContext& context, ReleaseBuildRequest request)
      : context_(context), request_(std::move(request)) {}

  static constexpr std::string_view kKind = "release-build";
  std::string_view kind() const override { return kKind; }
  JsonObject request() const override;
  static ReleaseBuildRequest parse_request(const JsonObject& request);
  // invalid_input when the version is not semantic; not_found when nothing is built.
  Async<Result<Plan>> plan() override;
  Result<std::unique_ptr<Step>> bind(const PlannedStep& step) override;
  // A release appears as a whole or not at all, so one that was cut off is in nobody's way.
  bool supersedes(std::string_view kind) const override { return kind == kKind; }

  std::filesystem::path folder() const { return context_.layout.releases() / request_.version; }
  std::filesystem::path archive() const;

 private:
  LocalContext& context_;
  ReleaseBuildRequest request_;
};

}  // namespace auterity::operations
