#include "engine/expression/scanner.h"

namespace auterity::engine {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_name_start(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_name(char c) { return is_name_start(c) || is_digit(c); }

char closing_of(char state) {
  switch (state) {
    case '[':
      return ']';
    case '{':
      return '}';
    default:
      return ')';
  }
}

}  // namespace

Token Scanner::take(Token::Kind kind, std::size_t length) {
  Token token{kind, text_.substr(position_, length), position_};
  position_ += length;
  return token;
}

Token Scanner::stop(std::string_view reason) {
  reason_ = reason;
  return {Token::Kind::invalid, reason_, position_};
}

Token Scanner::next() {
  if (!reason_.empty()) return {Token::Kind::invalid, reason_, position_};
  return !open_.empty() && open_.back() == '"' ? next_in_string() : next_in_program();
}

Token Scanner::next_in_string() {
  if (position_ >= text_.size()) return stop("a string is not closed");
  if (peek() == '"') {
    open_.pop_back();
    return take(Token::Kind::quote, 1);
  }
  if (peek() == '\\' && peek(1) == '(') return open(2, 'i');
  std::size_t length = 0;
  while (position_ + length < text_.size()) {
    char c = peek(length);
    if (c == '"' || (c == '\\' && peek(length + 1) == '(')) break;
    length += c == '\\' ? 2 : 1;
  }
  if (position_ + length > text_.size()) return stop("a string is not closed");
  return take(Token::Kind::text, length);
}

Token Scanner::next_in_program() {
  if (!skip_blank()) return stop("a comment must not end in a backslash");
  if (position_ >= text_.size()) {
    if (open_.empty()) return take(Token::Kind::end, 0);
    if (open_.back() == 'i') return stop("an interpolation \"\\(\" is not closed");
    return stop(open_.back() == '('
                    ? "\"(\" is not closed"
                    : (open_.back() == '[' ? "\"[\" is not closed" : "\"{\" is not closed"));
  }
  char c = peek();
  if (c == '(' || c == '[' || c == '{') return open(1, c);
  if (c == ')' || c == ']' || c == '}') return close(c);
  if (c == '"') {
    if (open_.size() >= max_depth) return stop("it is nested too deeply");
    open_.push_back('"');
    return take(Token::Kind::quote, 1);
  }
  if (c == '.' && is_name_start(peek(1))) {
    std::size_t length = 2;
    while (is_name(peek(length))) ++length;
    return take(Token::Kind::field, length);
  }
  if (is_digit(c) || (c == '.' && is_digit(peek(1)))) {
    return take(Token::Kind::number, number_length());
  }
  if (is_name_start(c)) return take(Token::Kind::identifier, identifier_length());
  if (c == '@' && is_name(peek(1))) {
    std::size_t length = 2;
    while (is_name(peek(length))) ++length;
    return take(Token::Kind::format, length);
  }
  return take(Token::Kind::punctuation, 1);
}

Token Scanner::open(std::size_t length, char state) {
  if (open_.size() >= max_depth) return stop("it is nested too deeply");
  open_.push_back(state);
  return take(Token::Kind::opening, length);
}

Token Scanner::close(char bracket) {
  if (open_.empty() || closing_of(open_.back()) != bracket) {
    return stop(bracket == ')'
                    ? "\")\" closes nothing"
                    : (bracket == ']' ? "\"]\" closes nothing" : "\"}\" closes nothing"));
  }
  open_.pop_back();
  return take(Token::Kind::closing, 1);
}

// Later versions of jq let a backslash at the end of a comment join the next line to it; false for
// such a comment, because it would swallow what the expression is wrapped in.
bool Scanner::skip_blank() {
  while (position_ < text_.size()) {
    char c = peek();
    if (c == '#') {
      while (position_ < text_.size() && peek() != '\n') ++position_;
      std::size_t last = position_;
      while (last > 0 && text_[last - 1] == '\r') --last;
      if (text_[last - 1] == '\\') return false;
    } else if (c == ' ' || c == '\n' || c == '\t' || c == '\r') {
      ++position_;
    } else {
      break;
    }
  }
  return true;
}

std::size_t Scanner::identifier_length() const {
  std::size_t length = 1;
  while (true) {
    while (is_name(peek(length))) ++length;
    if (peek(length) != ':' || peek(length + 1) != ':' || !is_name_start(peek(length + 2))) {
      return length;
    }
    length += 3;
  }
}

std::size_t Scanner::number_length() const {
  std::size_t length = 0;
  while (is_digit(peek(length))) ++length;
  if (peek(length) == '.') {
    ++length;
    while (is_digit(peek(length))) ++length;
  }
  if (peek(length) == 'e' || peek(length) == 'E') {
    std::size_t exponent = length + 1;
    if (peek(exponent) == '+' || peek(exponent) == '-') ++exponent;
    if (is_digit(peek(exponent))) {
      while (is_digit(peek(exponent))) ++exponent;
      length = exponent;
    }
  }
  return length;
}

}  // namespace auterity::engine
