// The release that is to be deployed, and the one that a rollback goes back to.
#include <fmt/format.h>

#include <algorithm>

#include "operations/check/migrations_checks.h"
#include "operations/release/releases.h"

namespace auterity::operations::check {
namespace {

constexpr Duration kLimit = std::chrono::seconds(60);  // reads every file of the release

Judgement judge_damage(const KnownRelease& release) {
  if (release.damage.empty())
    return {Verdict::pass, fmt::format("release {} is whole", release.version), ""};
  return {
      Verdict::fail,
      fmt::format(
          "release {} is damaged: {}{}", release.version, release.damage.front(),
          release.damage.size() > 1 ? fmt::format(" and {} more", release.damage.size() - 1) : ""),
      "build it again: auterity release build --version " + release.version};
}

class ReleaseFamily final : public Family {
 public:
  std::vector<std::string> ids() const override {
    return {"release", "rollback-artefact", "migrations-planned", "migrations-linted",
            "smoke-test"};
  }
  Duration limit() const override { return kLimit; }

  Async<Result<std::vector<Finding>>> run(const Subject& subject) override {
    if (!subject.platform)
      co_return fail(ErrorKind::not_ready, "the platform was never started here",
                     "start it: auterity up");
    AUTERITY_CO_TRY(releases, find_releases(subject.context, true));
    const std::string wanted =
        subject.release.empty() ? subject.platform->pool().version : subject.release;
    std::vector<Finding> findings = co_await look_at_migrations(subject, wanted);
    findings.push_back({"release", release(releases, wanted)});
    findings.push_back({"rollback-artefact", rollback(releases, wanted)});
    findings.push_back({"smoke-test",
                        {Verdict::skipped, "the release was not started against a scratch database",
                         "rehearse the release on a staging environment"}});
    co_return findings;
  }

 private:
  static Judgement release(const std::vector<KnownRelease>& releases, const std::string& wanted) {
    const auto found = std::ranges::find(releases, wanted, &KnownRelease::version);
    if (found == releases.end())
      return {Verdict::fail, fmt::format("there is no release {}", wanted),
              "see which there are: auterity release list"};
    return judge_damage(*found);
  }

  // What is in use now is what a deploy of another version goes back to.
  static Judgement rollback(const std::vector<KnownRelease>& releases, const std::string& wanted) {
    for (const KnownRelease& release : releases)
      if (release.version != wanted ? release.in_use : release.kept_for_rollback)
        return judge_damage(release);
    for (const KnownRelease& release : releases)
      if (release.kept_for_rollback) return judge_damage(release);
    return {Verdict::warn, "there is no release to go back to",
            "the first deploy of a second version leaves one"};
  }
};

}  // namespace

std::unique_ptr<Family> make_release_family() { return std::make_unique<ReleaseFamily>(); }

}  // namespace auterity::operations::check
