// The release that is to be deployed, and the one that a rollback goes back to.
#include <algorithm>
#include <boost/asio/thread_pool.hpp>

#include "data/run_blocking.h"
#include "operations/check/probes.h"
#include "operations/release/releases.h"

namespace auterity::operations::check {
namespace {

// What is in use now is what a deploy of another version goes back to.
const KnownRelease* find_rollback(const std::vector<KnownRelease>& releases,
                                  const std::string& wanted) {
  for (const KnownRelease& release : releases)
    if (release.version != wanted && release.in_use) return &release;
  const auto kept = std::ranges::find(releases, true, &KnownRelease::kept_for_rollback);
  return kept == releases.end() ? nullptr : &*kept;
}

}  // namespace

Async<Result<ReleaseFacts>> ask_release(const Subject& subject) {
  ReleaseFacts facts;
  AUTERITY_CO_TRY(version, wanted_release(subject));
  facts.version = std::move(version);
  AUTERITY_CO_TRY(releases, find_releases(subject.context, false));
  const auto found = std::ranges::find(releases, facts.version, &KnownRelease::version);
  facts.there = found != releases.end();
  if (facts.there && found->manifest) facts.digest = found->manifest->digest;
  const KnownRelease* rollback = find_rollback(releases, facts.version);
  if (rollback != nullptr) facts.rollback = rollback->version;
  // Every file is read: the other checks do not wait for that.
  boost::asio::thread_pool blocking(1);
  const auto verify = [&subject](std::string name) {
    return local::verify_release(subject.context.files, subject.context.layout.releases() / name);
  };
  if (facts.there)
    facts.damage =
        co_await data::run_blocking(blocking.get_executor(), [&] { return verify(facts.version); });
  if (rollback != nullptr)
    facts.rollback_damage = co_await data::run_blocking(blocking.get_executor(),
                                                        [&] { return verify(facts.rollback); });
  co_return facts;
}

}  // namespace auterity::operations::check
