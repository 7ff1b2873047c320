#pragma once
// The Mann-Whitney rank-sum test: whether values of one sample tend to be greater than values of
// another, without assuming any distribution. Latencies are skewed and have ties (milliseconds), so
// ranks are averaged over ties and the variance is corrected for them. Source: H. B. Mann and D. R.
// Whitney, Annals of Mathematical Statistics 18 (1947); effect size: A. Vargha and H. D. Delaney
// (2000).
#include <span>

namespace auterity::operations {

struct RankSum {
  double u = 0;            // pairs in which the second value is greater; ties count one half
  double superiority = 0;  // u / pairs, 0 to 1; 0.5: no difference
  double p_greater = 1;    // one-sided: how likely so great a u is if there is no difference
};

// Normal approximation with continuity correction: good from about 20 values in each sample.
// Neither sample may be empty.
RankSum rank_sum(std::span<const double> first, std::span<const double> second);

}  // namespace auterity::operations
