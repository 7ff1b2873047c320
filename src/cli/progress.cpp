#include "cli/progress.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/asio/steady_timer.hpp>
#include <ostream>

namespace auterity::cli {
namespace {

constexpr std::array<std::string_view, 10> kFrames{"⠋", "⠙", "⠹", "⠸", "⠼",
                                                   "⠴", "⠦", "⠧", "⠇", "⠏"};
constexpr Duration kFrame = std::chrono::milliseconds(100);
constexpr std::size_t kBarWidth = 24;

std::string bar(double part) {
  const auto filled = static_cast<std::size_t>(part * static_cast<double>(kBarWidth));
  std::string text = "[";
  for (std::size_t i = 0; i < kBarWidth; ++i) text += i < filled ? "█" : "·";
  return fmt::format("{}] {:3.0f} %", text, part * 100);
}

// At most `columns` characters, so that the line can be erased as one.
std::string shortened(std::string_view text, std::size_t columns) {
  std::size_t seen = 0;
  for (std::size_t i = 0; i < text.size(); ++i)
    if ((static_cast<unsigned char>(text[i]) & 0xC0) != 0x80 && ++seen > columns)
      return std::string(text.substr(0, i));
  return std::string(text);
}

}  // namespace

struct Progress::State {
  explicit State(World& outside) : world(outside), timer(outside.executor) {}
  static void turn(const std::shared_ptr<State>& state);

  World& world;
  boost::asio::steady_timer timer;
  std::optional<std::string> step;
  std::string detail;
  std::optional<double> part;
  Duration began{};
  std::size_t frame = 0;

  bool draws() const { return world.terminal.err_is_terminal; }
  void erase() const {
    if (draws()) world.err << "\r\x1b[2K";
  }
  void draw() const {
    if (!draws() || !step) return;
    std::string line = fmt::format("{} {}", kFrames[frame % kFrames.size()], *step);
    if (!detail.empty()) line += ": " + detail;
    if (part) line += " " + bar(*part);
    line += "  " + elapsed_text(world.clock.monotonic() - began);
    erase();
    world.err << shortened(line, world.terminal.columns - 1) << std::flush;
  }
};

// The line turns by a timer that holds the state weakly: it ends with the Progress, whatever the
// command does.
void Progress::State::turn(const std::shared_ptr<State>& state) {
  state->timer.expires_after(kFrame);
  state->timer.async_wait([weak = std::weak_ptr(state)](boost::system::error_code error) {
    const auto alive = weak.lock();
    if (error || !alive) return;
    ++alive->frame;
    alive->draw();
    turn(alive);
  });
}

Progress::Progress(World& world) : state_(std::make_shared<State>(world)) {
  if (state_->draws()) State::turn(state_);
}

Progress::~Progress() {
  state_->timer.cancel();
  if (state_->step) state_->erase();
}

void Progress::begin(std::string_view step) {
  if (state_->step) done();
  state_->step = std::string(step);
  state_->detail.clear();
  state_->part.reset();
  state_->began = state_->world.clock.monotonic();
  if (state_->draws())
    state_->draw();
  else
    state_->world.err << "… " << step << '\n' << std::flush;
}

void Progress::at(std::string_view detail) { state_->detail = detail; }

void Progress::advance(std::uint64_t done, std::uint64_t total) {
  state_->part = std::min(1.0, static_cast<double>(done) / static_cast<double>(total));
}

void Progress::end(std::string_view mark, std::string_view text) {
  if (!state_->step) return;
  state_->erase();
  const std::string elapsed = elapsed_text(state_->world.clock.monotonic() - state_->began);
  state_->world.err << fmt::format("{} {}{}{} ({})\n", mark, *state_->step,
                                   text.empty() ? "" : ": ", text, elapsed)
                    << std::flush;
  state_->step.reset();
}

void Progress::done(std::string_view evidence) { end("✓", evidence); }
void Progress::failed(std::string_view reason) { end("✗", reason); }

void Progress::say(std::string_view line) {
  state_->erase();
  state_->world.err << line << '\n' << std::flush;
  state_->draw();
}

std::string elapsed_text(Duration duration) {
  using namespace std::chrono;
  const double count = duration_cast<std::chrono::duration<double>>(duration).count();
  if (count < 10) return fmt::format("{:.1f} s", count);
  const auto whole = static_cast<long long>(count);
  if (whole < 60) return fmt::format("{} s", whole);
  if (whole < 3600) return fmt::format("{} min {} s", whole / 60, whole % 60);
  return fmt::format("{} h {} min", whole / 3600, whole / 60 % 60);
}

}  // namespace auterity::cli
