#include "cli/check_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "cli/output.h"

namespace auterity::cli {
namespace {

using operations::Verdict;
using operations::check::Finding;
using operations::check::Report;

constexpr std::size_t kSign = 2;        // columns of the sign and the space behind it
constexpr std::size_t kLeastText = 40;  // columns below which wrapping helps nobody
constexpr std::string_view kHint = "hint: ";

struct Mark {
  std::string_view sign, colour;
};

Mark mark_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::pass:
      return {"✓", "\033[32m"};
    case Verdict::warn:
      return {"!", "\033[33m"};
    case Verdict::fail:
      return {"✗", "\033[31m"};
    case Verdict::skipped:
      return {"-", "\033[2m"};
  }
  return {};
}

// One line of the report: an id (or why several were skipped) and what belongs to it.
struct Entry {
  Verdict verdict = Verdict::pass;
  std::string id;
  std::string evidence;
  std::string hint;
};

std::vector<Entry> entries_with(const Report& report, Verdict verdict) {
  std::vector<Entry> entries;
  for (const Finding& finding : report.findings) {
    const auto& [said, evidence, hint] = finding.judgement;
    if (said != verdict) continue;
    const auto same = std::ranges::find_if(entries, [&](const Entry& entry) {
      return verdict == Verdict::skipped && entry.evidence == evidence && entry.hint == hint;
    });
    if (same == entries.end())
      entries.push_back({verdict, finding.id, evidence, hint});
    else
      same->id += ", " + finding.id;
  }
  return entries;
}

class Page {
 public:
  Page(bool coloured, std::size_t columns, std::size_t indent)
      : coloured_(coloured), columns_(columns), indent_(indent) {}

  void add(const Entry& entry) {
    const Mark mark = mark_of(entry.verdict);
    text_ += coloured_ ? fmt::format("{}{}\033[0m ", mark.colour, mark.sign)
                       : fmt::format("{} ", mark.sign);
    if (kSign + entry.id.size() < indent_) {
      text_ += entry.id + std::string(indent_ - kSign - entry.id.size(), ' ');
    } else {
      wrapped(entry.id, kSign, 0);
      text_ += std::string(indent_, ' ');
    }
    const std::string evidence = printable(entry.evidence);
    wrapped(entry.verdict == Verdict::skipped ? "skipped: " + evidence : evidence, indent_, 0);
    if (entry.verdict == Verdict::pass || entry.hint.empty()) return;
    text_ += std::string(indent_, ' ') + std::string(kHint);
    wrapped(printable(entry.hint), indent_, kHint.size());
  }
  std::string text() && { return std::move(text_); }

 private:
  // Begins at column `indent` + `taken`; further lines begin at `indent`.
  void wrapped(std::string_view said, std::size_t indent, std::size_t taken) {
    const std::size_t width =
        columns_ < indent + kLeastText ? std::string_view::npos : columns_ - indent;
    while (said.size() > width - taken) {
      std::size_t end = said.rfind(' ', width - taken);
      if (end == 0 || end == said.npos) end = said.find(' ');
      if (end == said.npos) break;
      text_ += fmt::format("{}\n{}", said.substr(0, end), std::string(indent, ' '));
      said.remove_prefix(end + 1);
      taken = 0;
    }
    text_ += fmt::format("{}\n", said);
  }

  bool coloured_;
  std::size_t columns_;
  std::size_t indent_;
  std::string text_;
};

}  // namespace

std::string report_text(const Report& report, bool coloured, std::size_t columns) {
  std::size_t longest = 0;
  for (const Finding& finding : report.findings) longest = std::max(longest, finding.id.size());
  Page page(coloured, columns, kSign + longest + 2);
  for (const Verdict verdict : {Verdict::pass, Verdict::skipped, Verdict::warn, Verdict::fail})
    for (const Entry& entry : entries_with(report, verdict)) page.add(entry);
  const auto count = [&](Verdict verdict) {
    return std::ranges::count(report.findings, verdict,
                              [](const Finding& finding) { return finding.judgement.verdict; });
  };
  return std::move(page).text() + fmt::format("{}: {} passed, {} skipped, {} warned, {} failed\n",
                                              operations::name_of(report.verdict()),
                                              count(Verdict::pass), count(Verdict::skipped),
                                              count(Verdict::warn), count(Verdict::fail));
}

}  // namespace auterity::cli
