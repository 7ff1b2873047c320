#pragma once
// Cron expressions with five fields, UTC: minute hour day-of-month month day-of-week. Each field:
// `*`, a value, a range `a-b`, a list, a step `*/n`, `a-b/n` or `a/n` (from a on). Months and days
// of the week may be names (JAN, MON; any case), 7 is Sunday, too. If both days are restricted (do
// not begin with `*`), one of them matching is enough, as POSIX and Vixie cron have it. Also
// @hourly, @daily (@midnight),
// @weekly, @monthly, @yearly (@annually).
#include <bitset>
#include <optional>
#include <string_view>

#include "core/error.h"
#include "core/time.h"

namespace auterity {

class CronSchedule {
 public:
  // invalid_input with the field and the mend; also for one that no day ever matches ("0 0 30 2
  // *").
  static Result<CronSchedule> parse(std::string_view text);

  // The first matching minute strictly after `time`.
  Time next_after(Time time) const;

 private:
  CronSchedule() = default;
  bool matches_day(std::chrono::sys_days day) const;
  std::optional<Time> find_next_after(Time time) const;

  std::bitset<60> minutes_;
  std::bitset<24> hours_;
  std::bitset<32> days_;     // of the month, from 1
  std::bitset<13> months_;   // from 1
  std::bitset<7> weekdays_;  // from Sunday
  bool any_day_ = false, any_weekday_ = false;
};

}  // namespace auterity
