#pragma once
// `auterity check`: everything that can be known before a deploy, asked at once. A family of checks
// (one file) probes one part of the world and answers one finding for each of its ids; the list of
// families is registry.cpp. Invariants: every id of every family gets exactly one finding; each
// family has a time limit; what could not be found out is `skipped` with the reason and never
// `pass`; no evidence holds a secret or an address with one. What the probes say is judged by pure
// functions (verdicts.h) out of plain facts (facts.h); every contact with the world is in the
// probes (probes.h), which leave nothing behind.
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/json.h"
#include "core/settings.h"
#include "operations/local_context.h"
#include "operations/verdict.h"

namespace auterity::operations::check {

struct Judgement {
  Verdict verdict = Verdict::skipped;
  std::string evidence;
  std::string hint;  // empty for pass
};

struct Finding {
  std::string id;
  Judgement judgement;
  Duration duration{};
};

// What was looked at: nothing else may be deployed on the strength of the report.
struct CheckedRelease {
  std::string version;
  std::string digest;  // of its manifest
};

struct Report {
  std::vector<Finding> findings;                         // in the registry's order
  std::optional<CheckedRelease> release = std::nullopt;  // nullopt: there is none
  // fail if anything failed, else warn if anything was warned about, else pass; skipped when
  // nothing could be checked at all.
  Verdict verdict() const;
};
JsonObject to_json(const Report& report);

// What is checked. References outlive the run.
struct Subject {
  LocalContext& context;
  const EnvironmentFile& environment;
  const Environment& variables;             // of this process
  std::optional<local::Platform> platform;  // nullopt: never started here
  std::string release;                      // the version to be deployed; empty: the one in use
  // Replicas of the old release that the deploy compares with; nullopt: as many as there are.
  std::optional<int> compared = std::nullopt;
};

class Family {
 public:
  virtual ~Family() = default;
  virtual std::vector<std::string> ids() const = 0;
  virtual Duration limit() const { return std::chrono::seconds(5); }
  // Findings for some or all of the ids, in any order. An error makes the missing ones `skipped`.
  virtual Async<Result<std::vector<Finding>>> run(const Subject& subject) = 0;
};
using Families = std::vector<std::unique_ptr<Family>>;

// Every family, in the order of the report.
Families all_families();

// Runs all families at once. `subject` and `families` outlive the call. Secrets of the subject that
// got into a finding are masked.
Async<Report> run(const Subject& subject, Families& families);

}  // namespace auterity::operations::check
