#pragma once
// Tokens of jq text, as libjq's own lexer cuts them (jq 1.6, src/lexer.l): enough to see strings
// with interpolation, comments and brackets exactly as libjq will, without libjq. Pure; the text
// holds no NUL.
#include <cstddef>
#include <string>
#include <string_view>

namespace auterity::engine {

struct Token {
  enum class Kind {
    end,
    identifier,  // name or keyword, "map", "as", "strings::trim"
    field,       // ".name"
    number,
    format,       // "@base64"
    opening,      // ( [ { and the "\(" of a string
    closing,      // ) ] }
    quote,        // the " that opens or closes a string
    text,         // characters inside a string, escapes left as written
    punctuation,  // any other single character
    invalid       // the scan ends here; `text` says why
  };
  Kind kind = Kind::end;
  std::string_view text;
  std::size_t offset = 0;  // bytes from the start

  bool is(Kind wanted, std::string_view wanted_text) const {
    return kind == wanted && text == wanted_text;
  }
};

class Scanner {
 public:
  static constexpr std::size_t max_depth = 256;

  explicit Scanner(std::string_view text) : text_(text) {}
  // The next token; after `end` or `invalid` the same one for ever.
  Token next();

 private:
  Token take(Token::Kind kind, std::size_t length);
  Token stop(std::string_view reason);
  Token next_in_string();
  Token next_in_program();
  Token open(std::size_t length, char state);
  Token close(char bracket);
  bool skip_blank();
  std::size_t identifier_length() const;
  std::size_t number_length() const;
  char peek(std::size_t ahead = 0) const {
    return position_ + ahead < text_.size() ? text_[position_ + ahead] : '\0';
  }

  std::string_view text_;
  std::size_t position_ = 0;
  // Open brackets, innermost last: '(' '[' '{', '"' for a string, 'i' for an interpolation inside
  // one.
  std::string open_;
  std::string_view reason_;
};

}  // namespace auterity::engine
