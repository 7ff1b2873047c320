#include "operations/backup/wal_archive.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace auterity::operations::backup {
namespace {

using data::Lsn;
using data::Timeline;

constexpr std::size_t kSegmentNameLength = 24;
constexpr std::size_t kPage = 1000;
constexpr std::size_t kPieceNameLength = kSegmentNameLength + 1 + 8 + 1 + 8;
constexpr std::size_t kMaxHistoryBytes = 1u << 20;

std::optional<std::uint64_t> parse_offset(std::string_view digits) {
  std::uint64_t offset = 0;
  const auto [end, error] =
      std::from_chars(digits.data(), digits.data() + digits.size(), offset, 16);
  if (error != std::errc{} || end != digits.data() + digits.size() ||
      offset > data::kWalSegmentBytes)
    return std::nullopt;
  return offset;
}

std::string_view file_name(std::string_view key) { return key.substr(key.rfind('/') + 1); }

}  // namespace

std::string piece_name(Timeline timeline, const WalPiece& piece) {
  const Lsn segment = data::segment_start(piece.start);
  auto name = data::segment_name(timeline, piece.start);
  if (piece.size() == data::kWalSegmentBytes) return name;
  return fmt::format("{}.{:08X}-{:08X}", name, piece.start - segment, piece.end - segment);
}

std::optional<WalPiece> parse_piece_name(std::string_view name) {
  const auto position = data::parse_segment_name(name.substr(0, kSegmentNameLength));
  if (!position) return std::nullopt;
  if (name.size() == kSegmentNameLength)
    return WalPiece{position->start, position->start + data::kWalSegmentBytes};
  if (name.size() != kPieceNameLength || name[kSegmentNameLength] != '.' ||
      name[kSegmentNameLength + 9] != '-')
    return std::nullopt;
  const auto start = parse_offset(name.substr(kSegmentNameLength + 1, 8));
  const auto end = parse_offset(name.substr(kSegmentNameLength + 10, 8));
  if (!start || !end || *start >= *end) return std::nullopt;
  return WalPiece{position->start + *start, position->start + *end};
}

WalArchive::WalArchive(data::SealedObjects& objects, std::string system_id)
    : objects_(objects), prefix_("wal/" + std::move(system_id) + "/") {}

std::string WalArchive::folder(Timeline timeline) const {
  return prefix_ + data::timeline_name(timeline) + "/";
}

std::string WalArchive::key_of(Timeline timeline, const WalPiece& piece) const {
  return folder(timeline) + piece_name(timeline, piece);
}

Async<Status> WalArchive::put_once(std::string key, std::string content) {
  auto stored =
      co_await objects_.put(key, std::move(content), {.condition = {.only_if_absent = true}});
  if (stored) co_return Status{};
  // A key may be refused for other reasons than that it is there.
  if (stored.error().kind == ErrorKind::conflict && co_await objects_.store().head(std::move(key)))
    co_return Status{};
  co_return std::unexpected(std::move(stored.error()));
}

Async<Status> WalArchive::store(Timeline timeline, const WalBatch::Store& what,
                                std::string content) {
  AUTERITY_CO_CHECK(co_await put_once(key_of(timeline, what.piece), std::move(content)));
  for (const WalPiece& piece : what.replaced) {
    if (piece == what.piece) continue;
    if (!co_await objects_.store().remove(key_of(timeline, piece))) break;
  }
  co_return Status{};
}

Async<Status> WalArchive::remove_leftovers(Timeline timeline, Lsn end) {
  if (end.value() < data::kWalSegmentBytes) co_return Status{};
  const Lsn start(end.value() - data::kWalSegmentBytes);
  AUTERITY_CO_TRY(left, co_await pieces(timeline, start));
  if (left.empty() || !co_await objects_.store().head(key_of(timeline, {start, end})))
    co_return Status{};
  for (const WalPiece& piece : left)
    AUTERITY_CO_CHECK(co_await objects_.store().remove(key_of(timeline, piece)));
  co_return Status{};
}

Async<Status> WalArchive::store_history(Timeline timeline, std::string content) {
  return put_once(prefix_ + data::history_name(timeline), std::move(content));
}

Async<Result<std::string>> WalArchive::fetch(std::string name) {
  if (data::parse_history_name(name))
    co_return co_await objects_.get(prefix_ + name, kMaxHistoryBytes);
  const auto position = data::parse_segment_name(name);
  if (!position)
    co_return fail(ErrorKind::not_found, fmt::format("{} is no file of the log", name),
                   "ask for a segment or a history file");
  auto whole = co_await objects_.get(folder(position->timeline) + name, data::kWalSegmentBytes);
  if (whole || whole.error().kind != ErrorKind::not_found) co_return whole;
  co_return co_await assemble(position->timeline, position->start);
}

Async<Result<std::string>> WalArchive::assemble(Timeline timeline, Lsn segment) {
  AUTERITY_CO_TRY(parts, co_await pieces(timeline, segment));
  std::string content;
  for (const WalPiece& piece : parts) {
    const auto skipped = segment + content.size();
    if (piece.end <= skipped) continue;  // left over from before it became part of another
    if (piece.start > skipped) break;    // nothing is known of what lies between
    AUTERITY_CO_TRY(bytes, co_await objects_.get(key_of(timeline, piece), data::kWalSegmentBytes));
    if (bytes.size() != piece.size())
      co_return fail(
          ErrorKind::failed,
          fmt::format("{} does not hold what its name says", piece_name(timeline, piece)),
          "recover to a time before it, or from another backup");
    content.append(bytes, skipped - piece.start);
  }
  if (content.empty())
    co_return fail(ErrorKind::not_found,
                   fmt::format("{} is not stored", data::segment_name(timeline, segment)),
                   "the log ends before it");
  content.resize(data::kWalSegmentBytes);  // PostgreSQL takes zeros for the end of the log
  co_return content;
}

Async<Result<std::vector<WalPiece>>> WalArchive::pieces(Timeline timeline, Lsn lsn) {
  std::vector<WalPiece> found;
  std::string after;
  for (;;) {
    AUTERITY_CO_TRY(page,
                    co_await objects_.store().list(
                        folder(timeline) + data::segment_name(timeline, lsn) + ".", after, kPage));
    for (const auto& object : page)
      if (const auto piece = parse_piece_name(file_name(object.key))) found.push_back(*piece);
    if (page.size() < kPage) break;
    after = page.back().key;
  }
  co_return found;
}

Async<Result<Lsn>> WalArchive::reach(Timeline timeline, Lsn from) {
  Lsn end = data::segment_start(from);
  // Before the segment's own name, behind everything of the one before.
  std::string after = folder(timeline);
  if (end.value() >= data::kWalSegmentBytes)
    after += data::segment_name(timeline, Lsn(end.value() - 1)) + ".z";
  for (;;) {
    AUTERITY_CO_TRY(page, co_await objects_.store().list(folder(timeline), after, kPage));
    for (const auto& object : page) {
      const auto piece = parse_piece_name(file_name(object.key));
      if (!piece || piece->end <= end) continue;
      if (piece->start > end) co_return end;
      end = piece->end;
    }
    if (page.size() < kPage) co_return end;
    after = page.back().key;
  }
}

Async<Result<std::optional<Lsn>>> WalArchive::newest_end(Timeline timeline) {
  std::optional<Lsn> newest;
  std::string after;
  for (;;) {
    AUTERITY_CO_TRY(page, co_await objects_.store().list(folder(timeline), after, kPage));
    for (const auto& object : page)
      if (const auto piece = parse_piece_name(file_name(object.key)))
        newest = std::max(newest.value_or(piece->end), piece->end);
    if (page.size() < kPage) co_return newest;
    after = page.back().key;
  }
}

}  // namespace auterity::operations::backup
