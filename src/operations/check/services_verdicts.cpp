// Redis, the object store, and certificates.
#include <fmt/format.h>

#include <algorithm>

#include "operations/check/judgements.h"
#include "operations/check/verdicts.h"

namespace auterity::operations::check {
namespace {

constexpr auto kExpiryWarning = std::chrono::days(30);
constexpr auto kExpiryFailure = std::chrono::days(7);

Judgement judge_redis(const Result<std::string>& answer) {
  if (answer && *answer == "PONG") return pass("answered");
  if (!answer && answer.error().kind == ErrorKind::not_ready) return skipped(answer.error());
  return failed(answer ? "Redis answered something else than PONG" : "no answer from Redis",
                "see `auterity status`, and logs/redis of the environment's folder");
}

Judgement judge_object_store(const StoresFacts& facts) {
  if (!facts.writable) return skipped(facts.writable.error());
  if (!*facts.writable)
    return failed(fmt::format("{} cannot write to the object store", facts.user),
                  fmt::format("mend owner, permissions or space of {}", facts.objects));
  if (!facts.leftover.empty())
    return warn("what was written could not be removed: " + facts.leftover, "remove it by hand");
  return pass(fmt::format("{} can write to it", facts.user));
}

Judgement judge_certificate(const CertificateFacts& certificate, Time now) {
  const std::string where = certificate.where + "'s certificate";
  const std::string renew = "renew it, and restart what serves it";
  if (certificate.expires_at <= now)
    return failed(fmt::format("{} expired {} ago", where, age_text(now - certificate.expires_at)),
                  renew);
  const std::string evidence =
      fmt::format("{} is good for {}", where, age_text(certificate.expires_at - now));
  if (!certificate.fault.empty()) {
    const std::string untrusted = fmt::format("{} is not trusted: {}", where, certificate.fault);
    if (certificate.must_be_trusted)
      return failed(untrusted,
                    "name the authority that signed it (sslrootcert, ca_file), or take a "
                    "certificate of one that this machine trusts");
    return warn(untrusted, "nobody checks it either: set sslmode=verify-full");
  }
  if (certificate.expires_at - now < kExpiryFailure) return failed(evidence, renew);
  if (certificate.expires_at - now < kExpiryWarning) return warn(evidence, renew);
  return pass(evidence);
}

}  // namespace

std::string age_text(Duration age) {
  const auto hours = std::chrono::duration_cast<std::chrono::hours>(age).count();
  if (hours < 1)
    return fmt::format("{} min", std::chrono::duration_cast<std::chrono::minutes>(age).count());
  return hours < 72 ? fmt::format("{} h", hours) : fmt::format("{} days", hours / 24);
}

Findings judge_stores(const Result<StoresFacts>& facts) {
  if (!facts) return std::unexpected(facts.error());
  return std::vector<Finding>{{"redis-reachable", judge_redis(facts->redis)},
                              {"object-store", judge_object_store(*facts)}};
}

// As bad as the worst; what could not be looked at hides behind none of the others.
Findings judge_certificates(const Result<CertificatesFacts>& facts) {
  if (!facts) return std::unexpected(facts.error());
  std::vector<Judgement> all;
  for (const CertificateFacts& certificate : facts->found)
    all.push_back(judge_certificate(certificate, facts->now));
  for (const std::string& unknown : facts->unknown)
    all.push_back(skipped(unknown, "look at that certificate by hand"));
  if (all.empty())
    all.push_back(skipped("nothing here speaks TLS",
                          "end TLS in front of the platform, and watch that certificate there"));
  for (const Verdict worst : {Verdict::fail, Verdict::skipped, Verdict::warn, Verdict::pass}) {
    const auto first = std::ranges::find(all, worst, &Judgement::verdict);
    if (first == all.end()) continue;
    Judgement judgement = *first;
    for (const Judgement& other : all)
      if (&other != &*first) judgement.evidence += "; " + other.evidence;
    return std::vector<Finding>{{"certificates", std::move(judgement)}};
  }
  return std::vector<Finding>{};
}

}  // namespace auterity::operations::check
