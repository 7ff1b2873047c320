#include "cli/confirmation.h"

#include <fmt/format.h>
#include <termios.h>
#include <unistd.h>

#include <istream>
#include <ostream>

namespace auterity::cli {
namespace {

// Turns the terminal's echo off for as long as it lives.
class HiddenTyping {
 public:
  explicit HiddenTyping(bool is_terminal)
      : active_(is_terminal && tcgetattr(STDIN_FILENO, &before_) == 0) {
    if (!active_) return;
    termios hidden = before_;
    hidden.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden);
  }
  ~HiddenTyping() {
    if (active_) tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
  }
  HiddenTyping(const HiddenTyping&) = delete;
  HiddenTyping& operator=(const HiddenTyping&) = delete;

 private:
  termios before_{};
  bool active_;
};

}  // namespace

Status confirm(World& world, const CommonOptions& common, bool is_production,
               std::string_view what) {
  if (common.yes || !is_production) return {};
  if (!world.terminal.in_is_terminal)
    return fail(ErrorKind::invalid_input,
                fmt::format("this will {}, and there is no terminal to ask on", what),
                "repeat it with --yes when that is what you want");
  world.err << fmt::format("this will {}.\ntype the environment's name, {}, to go on: ", what,
                           common.environment)
            << std::flush;
  std::string answer;
  std::getline(world.in, answer);
  if (answer == common.environment) return {};
  return fail(ErrorKind::cancelled, "not confirmed, nothing was changed",
              fmt::format("type {} exactly, or pass --yes", common.environment));
}

Result<std::string> read_hidden_line(World& world, std::string_view question) {
  const bool is_terminal = world.terminal.in_is_terminal;
  if (is_terminal) world.err << question << ": " << std::flush;
  std::string line;
  {
    const HiddenTyping hidden(is_terminal);
    std::getline(world.in, line);
  }
  if (is_terminal) world.err << '\n';
  if (!line.empty() && line.back() == '\r') line.pop_back();
  if (line.empty())
    return fail(ErrorKind::invalid_input, fmt::format("{}: nothing was given", question),
                "type it, or pipe it in as one line");
  return line;
}

}  // namespace auterity::cli
