#pragma once
// How the report of `auterity check` reads: what is well first, what is worst last, beside the
// summary; checks that were skipped for one reason stand together. Pure.
#include <string>

#include "operations/check/check.h"

namespace auterity::cli {

// `columns` of the terminal; 0: lines are not wrapped.
std::string report_text(const operations::check::Report& report, bool coloured,
                        std::size_t columns);

}  // namespace auterity::cli
