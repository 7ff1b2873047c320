#include "operations/deploy/rank_sum.h"

#include <algorithm>
#include <boost/math/distributions/normal.hpp>
#include <cmath>
#include <vector>

namespace auterity::operations {
namespace {

struct Ranked {
  double value = 0;
  bool second = false;
};

std::vector<Ranked> sorted_together(std::span<const double> first, std::span<const double> second) {
  std::vector<Ranked> all;
  all.reserve(first.size() + second.size());
  for (const double value : first) all.push_back({value, false});
  for (const double value : second) all.push_back({value, true});
  std::ranges::sort(all, {}, &Ranked::value);
  return all;
}

}  // namespace

RankSum rank_sum(std::span<const double> first, std::span<const double> second) {
  const auto all = sorted_together(first, second);
  double ranks_of_second = 0;
  double tie_term = 0;  // sum of t^3 - t over groups of t equal values
  for (std::size_t begin = 0; begin < all.size();) {
    std::size_t end = begin;
    std::size_t of_second = 0;
    for (; end < all.size() && all[end].value == all[begin].value; ++end)
      of_second += all[end].second ? 1 : 0;
    const auto tied = static_cast<double>(end - begin);
    const double rank = static_cast<double>(begin) + (tied + 1) / 2;  // ranks count from 1
    ranks_of_second += rank * static_cast<double>(of_second);
    tie_term += tied * tied * tied - tied;
    begin = end;
  }
  const auto m = static_cast<double>(first.size());
  const auto n = static_cast<double>(second.size());
  const double total = m + n;
  RankSum result;
  result.u = ranks_of_second - n * (n + 1) / 2;
  result.superiority = result.u / (m * n);
  const double variance = m * n / 12 * (total + 1 - tie_term / (total * (total - 1)));
  if (!(variance > 0)) return result;  // all values are equal
  const double z = (result.u - m * n / 2 - 0.5) / std::sqrt(variance);
  result.p_greater = boost::math::cdf(boost::math::complement(boost::math::normal(), z));
  return result;
}

}  // namespace auterity::operations
