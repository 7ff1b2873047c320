#include "data/objects/sealing.h"

#include <sodium.h>
#include <zstd.h>

#include <array>
#include <cassert>
#include <cstring>
#include <optional>

namespace auterity::data {
namespace {

constexpr unsigned char kVersion = 1;
constexpr std::size_t kChunkBytes = 256 * 1024;
constexpr std::size_t kMaxChunkBytes = 1024 * 1024;
constexpr std::size_t kMaxPieceBytes = 1024 * 1024;
constexpr std::size_t kTagBytes = crypto_secretstream_xchacha20poly1305_ABYTES;
constexpr std::size_t kStreamHeaderBytes = crypto_secretstream_xchacha20poly1305_HEADERBYTES;
constexpr std::size_t kVersionAt = 8, kCompressionAt = 9, kReservedAt = 10, kChunkAt = 12,
                      kKeyIdAt = 16, kStreamHeaderAt = 32, kChecksumAt = 56;
constexpr std::size_t kKeyIdBytes = 16, kChecksumBytes = 8;
static_assert(kStreamHeaderAt + kStreamHeaderBytes == kChecksumAt);
static_assert(kChecksumAt + kChecksumBytes == kSealedHeaderBytes);
static_assert(kTagBytes == 17);
constexpr int kCompressionLevel = 1;

unsigned char* bytes_of(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }
const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

void start_libsodium() {
  [[maybe_unused]] const int started = sodium_init();  // picks the quick implementations, once
  assert(started >= 0);
}

std::string checksum_of(std::string_view header) {
  std::array<unsigned char, crypto_generichash_BYTES> digest;
  crypto_generichash(digest.data(), digest.size(), bytes_of(header), kChecksumAt, nullptr, 0);
  return std::string(reinterpret_cast<const char*>(digest.data()), kChecksumBytes);
}

std::string key_id_bytes(const SealingKey& key) {
  const auto id = key.id();
  std::string bytes(kKeyIdBytes, '\0');
  sodium_hex2bin(bytes_of(bytes), bytes.size(), id.data(), id.size(), nullptr, nullptr, nullptr);
  return bytes;
}

std::string hexadecimal(std::string_view bytes) {
  std::string text(bytes.size() * 2 + 1, '\0');
  sodium_bin2hex(text.data(), text.size(), bytes_of(bytes), bytes.size());
  text.pop_back();
  return text;
}

void put_number(std::string& header, std::size_t at, std::uint32_t number) {
  for (int i = 0; i < 4; ++i) header[at + i] = static_cast<char>(number >> (8 * i));
}

std::uint32_t number_at(std::string_view header, std::size_t at) {
  std::uint32_t number = 0;
  for (int i = 0; i < 4; ++i)
    number |= std::uint32_t{static_cast<unsigned char>(header[at + i])} << (8 * i);
  return number;
}

std::unexpected<Error> damaged(const std::string& name, std::string_view how) {
  return fail(ErrorKind::failed, "the object " + name + " is damaged: " + std::string(how),
              "what it held is lost here; take another backup's, or another copy of it");
}

}  // namespace

struct Sealer::State {
  crypto_secretstream_xchacha20poly1305_state stream;
  std::string header;
  std::string pending;  // not yet a full chunk, or a full one that may be the last
  std::unique_ptr<ZSTD_CCtx, decltype(&ZSTD_freeCCtx)> compressor{nullptr, ZSTD_freeCCtx};
  bool first = true;

  ~State() { sodium_memzero(&stream, sizeof stream); }

  void push(std::string_view chunk, bool last, std::string& stored) {
    const std::string_view associated = first ? std::string_view(header) : std::string_view();
    if (first) stored += header;
    first = false;
    const auto at = stored.size();
    stored.resize(at + chunk.size() + kTagBytes);
    crypto_secretstream_xchacha20poly1305_push(
        &stream, bytes_of(stored) + at, nullptr, bytes_of(chunk), chunk.size(),
        bytes_of(associated), associated.size(),
        last ? crypto_secretstream_xchacha20poly1305_TAG_FINAL : 0);
  }

  // A chunk goes out only once a byte follows it, so that the last one can be marked.
  void encrypt(std::string_view bytes, std::string& stored) {
    while (pending.size() + bytes.size() > kChunkBytes) {
      if (pending.empty()) {
        push(bytes.substr(0, kChunkBytes), false, stored);
        bytes.remove_prefix(kChunkBytes);
      } else {
        const auto taken = kChunkBytes - pending.size();
        pending.append(bytes.substr(0, taken));
        bytes.remove_prefix(taken);
        push(pending, false, stored);
        pending.clear();
      }
    }
    pending.append(bytes);
  }

  Status compress(std::string_view bytes, ZSTD_EndDirective directive, std::string& stored) {
    std::string out(ZSTD_CStreamOutSize(), '\0');
    ZSTD_inBuffer input{bytes.data(), bytes.size(), 0};
    for (;;) {
      ZSTD_outBuffer output{out.data(), out.size(), 0};
      const auto left = ZSTD_compressStream2(compressor.get(), &output, &input, directive);
      if (ZSTD_isError(left)) {
        return fail(ErrorKind::internal,
                    std::string("zstd cannot compress: ") + ZSTD_getErrorName(left),
                    "give the process more memory");
      }
      encrypt(std::string_view(out).substr(0, output.pos), stored);
      if (directive == ZSTD_e_end ? left == 0 : input.pos == input.size) return {};
    }
  }
};

Sealer::Sealer(const SealingKey& key, std::string_view name, Compression compression)
    : state_(std::make_unique<State>()) {
  start_libsodium();
  auto& header = state_->header;
  header.assign(kSealedHeaderBytes, '\0');
  header.replace(0, kSealedMagic.size(), kSealedMagic);
  header[kVersionAt] = static_cast<char>(kVersion);
  header[kCompressionAt] = static_cast<char>(compression);
  put_number(header, kChunkAt, kChunkBytes);
  header.replace(kKeyIdAt, kKeyIdBytes, key_id_bytes(key));
  auto derived = key.derive(name);
  crypto_secretstream_xchacha20poly1305_init_push(
      &state_->stream, bytes_of(header) + kStreamHeaderAt, derived.data());
  sodium_memzero(derived.data(), derived.size());
  header.replace(kChecksumAt, kChecksumBytes, checksum_of(header));
  if (compression == Compression::zstd) {
    state_->compressor.reset(ZSTD_createCCtx());
    ZSTD_CCtx_setParameter(state_->compressor.get(), ZSTD_c_compressionLevel, kCompressionLevel);
  }
}
Sealer::Sealer(Sealer&&) noexcept = default;
Sealer::~Sealer() = default;

Status Sealer::add(std::string_view bytes, std::string& stored) {
  if (state_->compressor) return state_->compress(bytes, ZSTD_e_continue, stored);
  state_->encrypt(bytes, stored);
  return {};
}

Status Sealer::finish(std::string& stored) {
  if (state_->compressor) AUTERITY_CHECK(state_->compress({}, ZSTD_e_end, stored));
  state_->push(state_->pending, true, stored);
  return {};
}

struct Unsealer::State {
  SealingKey key;
  std::string name;
  std::string stored;  // added and not yet decrypted, from `used` on
  std::size_t used = 0;
  bool ended = false;
  std::optional<std::string> header;
  std::size_t chunk_bytes = 0;
  crypto_secretstream_xchacha20poly1305_state stream;
  bool first = true;
  bool last_seen = false;
  std::string content;  // decrypted and not yet given out, from `given` on
  std::size_t given = 0;
  std::unique_ptr<ZSTD_DCtx, decltype(&ZSTD_freeDCtx)> expander{nullptr, ZSTD_freeDCtx};
  bool frame_open = false;
  bool expander_full = false;  // it may hold more than the last piece had room for

  State(const SealingKey& sealing_key, std::string object_name)
      : key(sealing_key), name(std::move(object_name)) {}
  ~State() { sodium_memzero(&stream, sizeof stream); }

  std::string_view rest() const { return std::string_view(stored).substr(used); }

  Status read_header() {
    const auto bytes = rest().substr(0, kSealedHeaderBytes);
    if (bytes.size() < kSealedHeaderBytes) return damaged(name, "its beginning is missing");
    if (!bytes.starts_with(kSealedMagic) || bytes.substr(kChecksumAt) != checksum_of(bytes))
      return damaged(name, "its header was changed");
    const auto compression = static_cast<unsigned char>(bytes[kCompressionAt]);
    chunk_bytes = number_at(bytes, kChunkAt);
    if (static_cast<unsigned char>(bytes[kVersionAt]) != kVersion || compression > 1 ||
        bytes[kReservedAt] != 0 || bytes[kReservedAt + 1] != 0 || chunk_bytes == 0 ||
        chunk_bytes > kMaxChunkBytes) {
      return fail(ErrorKind::invalid_input,
                  "the object " + name + " was sealed in a way that this version does not know",
                  "use the newest version of auterity");
    }
    const auto id = bytes.substr(kKeyIdAt, kKeyIdBytes);
    if (id != key_id_bytes(key)) {
      return fail(ErrorKind::forbidden,
                  "the object " + name + " was sealed with another key, " + hexadecimal(id) +
                      "; the one at hand is " + key.id(),
                  "name the file of that key in backup.key_file of the environment file");
    }
    auto derived = key.derive(name);
    const int begun = crypto_secretstream_xchacha20poly1305_init_pull(
        &stream, bytes_of(bytes) + kStreamHeaderAt, derived.data());
    sodium_memzero(derived.data(), derived.size());
    if (begun != 0) return damaged(name, "its header was changed");
    if (compression == static_cast<unsigned char>(Compression::zstd))
      expander.reset(ZSTD_createDCtx());
    header = std::string(bytes);
    used += kSealedHeaderBytes;
    return {};
  }

  // Decrypts the next chunk when it is there as a whole; answers whether it was.
  Result<bool> pull() {
    if (!header) {
      if (rest().size() < kSealedHeaderBytes && !ended) return false;
      AUTERITY_CHECK(read_header());
    }
    const auto full = chunk_bytes + kTagBytes;
    const auto available = rest().size();
    if (last_seen && available > 0) return damaged(name, "bytes follow its end");
    if (last_seen) return false;
    if (available <= full && !ended) return false;  // it may be the last one, or part of it
    const auto chunk = rest().substr(0, full);
    if (chunk.size() < kTagBytes) return damaged(name, "its end is missing");
    const std::string_view associated = first ? std::string_view(*header) : std::string_view();
    content.resize(chunk.size() - kTagBytes);
    given = 0;
    unsigned char tag = 0;
    if (crypto_secretstream_xchacha20poly1305_pull(&stream, bytes_of(content), nullptr, &tag,
                                                   bytes_of(chunk), chunk.size(),
                                                   bytes_of(associated), associated.size()) != 0) {
      content.clear();
      return damaged(name, first ? "it is not what was stored under this name, or was changed"
                                 : "it was changed or cut off");
    }
    first = false;
    last_seen = tag == crypto_secretstream_xchacha20poly1305_TAG_FINAL;
    used += chunk.size();
    if (!last_seen && rest().empty()) return damaged(name, "its end is missing");
    return true;
  }

  Result<std::string> expand() {
    std::string piece(kMaxPieceBytes, '\0');
    ZSTD_inBuffer input{content.data(), content.size(), given};
    ZSTD_outBuffer output{piece.data(), piece.size(), 0};
    while (output.pos < output.size && (input.pos < input.size || expander_full)) {
      const auto left = ZSTD_decompressStream(expander.get(), &output, &input);
      if (ZSTD_isError(left)) return damaged(name, ZSTD_getErrorName(left));
      frame_open = left != 0;
      expander_full = output.pos == output.size && frame_open;
      if (!expander_full && input.pos == input.size) break;
    }
    given = input.pos;
    piece.resize(output.pos);
    return piece;
  }

  bool holds_content() const { return given < content.size() || expander_full; }

  std::string take_content() {
    auto piece = given == 0 ? std::move(content) : content.substr(given);
    content.clear();
    given = 0;
    return piece;
  }
};

Unsealer::Unsealer(const SealingKey& key, std::string name)
    : state_(std::make_unique<State>(key, std::move(name))) {
  start_libsodium();
}
Unsealer::Unsealer(Unsealer&&) noexcept = default;
Unsealer::~Unsealer() = default;

void Unsealer::add(std::string_view stored) {
  state_->stored.erase(0, state_->used);
  state_->used = 0;
  state_->stored.append(stored);
}

void Unsealer::end() { state_->ended = true; }

Result<std::string> Unsealer::next() {
  auto& state = *state_;
  for (;;) {
    while (state.holds_content()) {
      if (!state.expander) return state.take_content();
      AUTERITY_TRY(piece, state.expand());
      if (!piece.empty()) return piece;
    }
    AUTERITY_TRY(pulled, state.pull());
    if (!pulled) break;
  }
  if (state.ended && state.frame_open) return damaged(state.name, "its compressed end is missing");
  return std::string();
}

}  // namespace auterity::data
