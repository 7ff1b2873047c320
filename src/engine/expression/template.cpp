#include "engine/expression/template.h"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <array>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <cassert>

#include "engine/expression/balance.h"
#include "engine/expression/native.h"

namespace auterity::engine {
namespace {

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blanks = " \t\r\n";
  std::size_t first = text.find_first_not_of(blanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

struct MarkedText {
  std::string_view expression;
  bool marked = false;  // stood in ${ }
};

MarkedText unwrap(std::string_view text) {
  std::string_view inner = trimmed(text);
  if (inner.starts_with("${") && inner.ends_with('}')) {
    return {trimmed(inner.substr(2, inner.size() - 3)), true};
  }
  return {inner, false};
}

// Walks a value and hands every text that is an expression to `found(pointer, expression)`.
template <typename Found>
void walk(const Json& value, const std::string& pointer, ExpressionMode mode, bool bare,
          const Found& found) {
  if (const auto* text = value.if_string()) {
    MarkedText unwrapped = unwrap(*text);
    bool lenient = mode == ExpressionMode::loose && !bare;
    if (unwrapped.marked || bare || lenient) found(pointer, unwrapped.expression, lenient);
  } else if (const auto* array = value.if_array()) {
    for (std::size_t i = 0; i < array->size(); ++i) {
      walk((*array)[i], fmt::format("{}/{}", pointer, i), mode, false, found);
    }
  } else if (const auto* object = value.if_object()) {
    for (const auto& [key, member] : *object) {
      walk(member, pointer + "/" + escape_pointer_token(key), mode, false, found);
    }
  }
}

std::string sha256_hex(const std::vector<Expression>& expressions) {
  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                  &EVP_MD_CTX_free);
  EVP_DigestInit_ex(context.get(), EVP_sha256(), nullptr);
  for (const Expression& expression : expressions) {
    std::string part = fmt::format("{}:{}:{}", expression.lenient ? 'l' : 's',
                                   expression.text.size(), expression.text);
    EVP_DigestUpdate(context.get(), part.data(), part.size());
  }
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  EVP_DigestFinal_ex(context.get(), digest.data(), &size);
  std::string hex;
  for (unsigned i = 0; i < size; ++i) hex += fmt::format("{:02x}", digest[i]);
  return hex;
}

}  // namespace

Result<std::uint32_t> ExpressionSet::add(std::string_view text, std::string_view pointer,
                                         bool lenient) {
  assert(fingerprint_.empty() && "no add() after seal()");
  if (auto known = by_text_.find(text); known != by_text_.end()) {
    Expression& expression = expressions_[known->second];
    // One strict use makes a failure to compile a problem, and that is the place to report.
    if (expression.lenient && !lenient) {
      expression.lenient = false;
      expression.pointer = pointer;
    }
    return known->second;
  }
  AUTERITY_TRY(facts, inspect_expression(text));
  Expression expression = parse_native(text);
  expression.index = static_cast<std::uint32_t>(expressions_.size());
  expression.pointer = pointer;
  expression.lenient = lenient;
  expression.variables = std::move(facts.variables);
  expression.rebound = std::move(facts.rebound);
  expression.mentions_now = facts.mentions_now;
  by_text_.emplace(text, expression.index);
  expressions_.push_back(std::move(expression));
  return expressions_.back().index;
}

void ExpressionSet::seal() { fingerprint_ = sha256_hex(expressions_); }

Template Template::literal(Json value) { return structure(std::move(value), {}); }

Template Template::expression(std::uint32_t index) { return structure(nullptr, {{"", index}}); }

Template Template::structure(Json value, std::vector<std::pair<std::string, std::uint32_t>> leaves,
                             bool lenient) {
  Template result;
  result.value_ = std::move(value);
  result.leaves_ = std::move(leaves);
  result.lenient_ = lenient;
  return result;
}

Result<Template> compile_template(const Json& value, ExpressionMode mode, bool bare,
                                  ExpressionSet& set, std::string_view pointer) {
  std::vector<std::pair<std::string, std::uint32_t>> leaves;
  std::optional<Error> problem;
  std::string base(pointer);
  bool lenient = mode == ExpressionMode::loose && !bare;
  walk(value, "", mode, bare,
       [&](const std::string& leaf, std::string_view text, bool leaf_lenient) {
         auto index = set.add(text, base + leaf, leaf_lenient);
         if (index) {
           leaves.emplace_back(leaf, *index);
         } else if (!leaf_lenient && !problem) {
           problem = std::move(index).error();
         }
       });
  if (problem) return std::unexpected(std::move(*problem));
  if (leaves.empty()) return Template::literal(value);
  // A whole value that may fall back to its text keeps it; otherwise the text is not needed any
  // more.
  if (leaves.front().first.empty() && !lenient) return Template::expression(leaves.front().second);
  return Template::structure(value, std::move(leaves), lenient);
}

std::vector<TemplateProblem> find_template_problems(const Json& value, ExpressionMode mode,
                                                    bool bare, std::string_view pointer) {
  std::vector<TemplateProblem> problems;
  walk(value, std::string(pointer), mode, bare,
       [&](const std::string& leaf, std::string_view text, bool lenient) {
         auto facts = inspect_expression(text);
         if (facts || lenient) return;
         problems.push_back({leaf, facts.error().message, facts.error().hint});
       });
  return problems;
}

}  // namespace auterity::engine
