#pragma once
// The four verdicts as one writes them.
#include <string>

#include "operations/check/check.h"

namespace auterity::operations::check {

inline Judgement pass(std::string evidence) { return {Verdict::pass, std::move(evidence), ""}; }
inline Judgement warn(std::string evidence, std::string hint) {
  return {Verdict::warn, std::move(evidence), std::move(hint)};
}
inline Judgement failed(std::string evidence, std::string hint) {
  return {Verdict::fail, std::move(evidence), std::move(hint)};
}
inline Judgement skipped(std::string evidence, std::string hint) {
  return {Verdict::skipped, std::move(evidence), std::move(hint)};
}
inline Judgement skipped(const Error& error) {
  return skipped(error.message, error.hint.empty() ? "look at it by hand" : error.hint);
}

}  // namespace auterity::operations::check
