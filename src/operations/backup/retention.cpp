#include "operations/backup/retention.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>

namespace auterity::operations::backup {
namespace {

constexpr std::size_t kDateDigits = std::string_view("2026-11-24").size();

constexpr std::size_t kStampBytes = 6;  // of an id, at its end

using Entries = std::vector<const RetentionEntry*>;  // newest first

// A period is known by its first day; a week begins on Monday (ISO 8601).
using FirstDay = std::chrono::sys_days (*)(std::chrono::sys_days);

std::chrono::sys_days same_day(std::chrono::sys_days day) { return day; }
std::chrono::sys_days monday_of(std::chrono::sys_days day) {
  return day - (std::chrono::weekday(day) - std::chrono::Monday);
}
std::chrono::sys_days first_of_month(std::chrono::sys_days day) {
  const std::chrono::year_month_day date(day);
  return std::chrono::sys_days(date.year() / date.month() / 1);
}

bool restores_database(const RetentionEntry& entry) {
  return entry.kind == BackupKind::database || entry.kind == BackupKind::all;
}
bool restores_files(const RetentionEntry& entry) {
  return entry.kind == BackupKind::data || entry.kind == BackupKind::all;
}
// As their stamps sort.
bool is_newer(const RetentionEntry* left, const RetentionEntry* right) {
  if (left->taken_at != right->taken_at) return left->taken_at > right->taken_at;
  return std::ranges::lexicographical_compare(std::span(right->id.bytes).last<kStampBytes>(),
                                              std::span(left->id.bytes).last<kStampBytes>());
}
bool is_logical(const RetentionEntry& entry) { return entry.kind == BackupKind::logical; }

class Planner {
 public:
  Planner(const RetentionPolicy& policy, const RetentionSubject& subject)
      : policy_(policy), subject_(subject) {
    for (const RetentionEntry& entry : subject.entries) {
      by_id_[entry.id] = &entry;
      entries_.push_back(&entry);
    }
    std::ranges::sort(entries_, is_newer);
  }

  RetentionPlan plan() {
    for (const auto belongs : {restores_database, restores_files, is_logical}) {
      Entries line;
      std::ranges::copy_if(entries_, std::back_inserter(line),
                           [&](const RetentionEntry* entry) { return belongs(*entry); });
      keep_line(line);
    }
    keep_needed();
    RetentionPlan plan;
    for (const RetentionEntry* entry : entries_) {
      const auto kept = kept_.find(entry->id);
      if (kept == kept_.end())
        plan.removed.insert(plan.removed.begin(), entry->id);
      else
        plan.kept.push_back({entry->id, kept->second});
    }
    if (subject_.unreadable == 0) plan.log_needed_from = log_needed();
    return plan;
  }

 private:
  void keep(const RetentionEntry& entry, std::string reason) {
    auto& reasons = kept_[entry.id];
    if (std::ranges::find(reasons, reason) == reasons.end()) reasons.push_back(std::move(reason));
  }

  void keep_line(const Entries& line) {
    const auto newest = std::min(line.size(), static_cast<std::size_t>(policy_.keep_minimum));
    for (std::size_t i = 0; i < newest; ++i)
      keep(*line[i], fmt::format("one of the newest {}", policy_.keep_minimum));
    const auto proven = std::ranges::find_if(line, &RetentionEntry::proven);
    if (proven != line.end()) keep(**proven, "the newest proven");
    keep_periods(line, policy_.daily, "daily", same_day);
    keep_periods(line, policy_.weekly, "weekly", monday_of);
    keep_periods(line, policy_.monthly, "monthly", first_of_month);
    if (subject_.release_since) keep_restore_point(line, *subject_.release_since);
  }

  // One of each of the newest `count` periods that have any: the newest proven, else the newest.
  void keep_periods(const Entries& line, int count, std::string_view title, FirstDay first_day) {
    const auto period_of = [&](const RetentionEntry* entry) {
      return first_day(std::chrono::floor<std::chrono::days>(entry->taken_at));
    };
    for (auto entry = line.begin(); entry != line.end() && count > 0; --count) {
      const auto period = period_of(*entry);
      const auto end = std::find_if(entry, line.end(), [&](const RetentionEntry* other) {
        return period_of(other) != period;
      });
      const auto proven =
          std::find_if(entry, end, [](const RetentionEntry* other) { return other->proven; });
      keep(**(proven == end ? entry : proven),
           fmt::format("{} {}", title, to_rfc3339(Time(period)).substr(0, kDateDigits)));
      entry = end;
    }
  }

  void keep_restore_point(const Entries& line, Time release_since) {
    const auto before = [&](const RetentionEntry* entry) {
      return entry->taken_at < release_since;
    };
    const auto proven = std::ranges::find_if(
        line, [&](const RetentionEntry* entry) { return entry->proven && before(entry); });
    const auto found = proven != line.end() ? proven : std::ranges::find_if(line, before);
    if (found != line.end()) keep(**found, "the running release can go back to it");
  }

  void keep_needed() {
    std::vector<Uuid> open;
    for (const auto& [id, reasons] : kept_) open.push_back(id);
    while (!open.empty()) {
      const RetentionEntry& entry = *by_id_.at(open.back());
      open.pop_back();
      for (const Uuid& id : entry.needs) {
        const auto needed = by_id_.find(id);
        if (needed == by_id_.end()) continue;
        if (!kept_.contains(id)) open.push_back(id);
        keep(*needed->second, "needed by " + auterity::to_text(entry.id));
      }
    }
  }

  std::map<std::string, data::Lsn> log_needed() const {
    std::map<std::string, data::Lsn> needed;
    for (const auto& [id, reasons] : kept_) {
      const RetentionEntry& entry = *by_id_.at(id);
      if (entry.system_id.empty() || !restores_database(entry)) continue;
      const auto [place, added] = needed.try_emplace(entry.system_id, entry.start);
      place->second = std::min(place->second, entry.start);
    }
    return needed;
  }

  const RetentionPolicy& policy_;
  const RetentionSubject& subject_;
  Entries entries_;
  std::map<Uuid, const RetentionEntry*> by_id_;
  std::map<Uuid, std::vector<std::string>> kept_;
};

}  // namespace

Result<RetentionPlan> plan_retention(const RetentionPolicy& policy, const RetentionSubject& subject,
                                     bool may_remove_most) {
  if (policy.daily + policy.weekly + policy.monthly == 0)
    return fail(ErrorKind::invalid_input, "the retention policy keeps no day, no week and no month",
                "set backup.retention.daily, weekly or monthly in the environment file");
  if (policy.keep_minimum < 1)
    return fail(ErrorKind::invalid_input, "the retention policy may keep no backup at all",
                "set backup.keep_minimum to 1 or more");
  RetentionPlan plan = Planner(policy, subject).plan();
  const std::size_t there = subject.entries.size() + subject.unreadable;
  if (!may_remove_most && plan.removed.size() * 2 > there)
    return fail(ErrorKind::conflict,
                fmt::format("{} of {} backups would be removed, more than half",
                            plan.removed.size(), there),
                "look at them with: auterity backup prune --plan --allow-removing-most; when that "
                "is what you want, leave out --plan");
  return plan;
}

}  // namespace auterity::operations::backup
