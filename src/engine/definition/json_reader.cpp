#include "engine/definition/json_reader.h"

#include <fmt/format.h>

#include <boost/json/basic_parser_impl.hpp>

#include "engine/definition/tree_builder.h"
#include "engine/definition/yaml_scalar.h"

namespace auterity::engine {
namespace {

namespace json = boost::json;

// Boost.JSON calls this for each event. A raw line feed cannot stand inside a token, so that a line
// fed on its own holds whole tokens and `line` is the line of each event.
class Handler {
 public:
  static constexpr std::size_t max_object_size = std::size_t(-1);
  static constexpr std::size_t max_array_size = std::size_t(-1);
  static constexpr std::size_t max_key_size = std::size_t(-1);
  static constexpr std::size_t max_string_size = std::size_t(-1);

  Handler(TreeBuilder& builder, ProblemList& problems) : builder_(builder), problems_(problems) {}

  int line = 1;

  bool on_document_begin(json::error_code&) { return true; }
  bool on_document_end(json::error_code&) { return true; }
  bool on_object_begin(json::error_code& error) {
    return go_on(builder_.begin_object(line), error);
  }
  bool on_object_end(std::size_t, json::error_code&) {
    builder_.end();
    return true;
  }
  bool on_array_begin(json::error_code& error) { return go_on(builder_.begin_array(line), error); }
  bool on_array_end(std::size_t, json::error_code&) {
    builder_.end();
    return true;
  }
  bool on_key_part(json::string_view part, std::size_t, json::error_code&) { return keep(part); }
  bool on_key(json::string_view part, std::size_t, json::error_code& error) {
    return go_on(builder_.key(complete(part), line), error);
  }
  bool on_string_part(json::string_view part, std::size_t, json::error_code&) { return keep(part); }
  bool on_string(json::string_view part, std::size_t, json::error_code& error) {
    const std::string text = complete(part);
    return go_on(builder_.scalar(Json(text), text.size(), line), error);
  }
  bool on_number_part(json::string_view part, json::error_code&) { return keep(part); }
  bool on_int64(std::int64_t value, json::string_view, json::error_code& error) {
    kept_.clear();
    return go_on(builder_.scalar(Json(value), sizeof value, line), error);
  }
  bool on_uint64(std::uint64_t value, json::string_view, json::error_code& error) {
    kept_.clear();
    return go_on(builder_.scalar(Json(value), sizeof value, line), error);
  }
  // The digits are read again: the parser keeps whole numbers over 64 bits as rounded doubles.
  bool on_double(double, json::string_view part, json::error_code& error) {
    const std::string text = complete(part);
    const auto value = resolve_plain_scalar(text);
    if (!value) {
      problems_.add(line, builder_.pointer(), value.error());
      return go_on(false, error);
    }
    return go_on(builder_.scalar(*value, sizeof(double), line), error);
  }
  bool on_bool(bool value, json::error_code& error) {
    return go_on(builder_.scalar(Json(value), 1, line), error);
  }
  bool on_null(json::error_code& error) {
    return go_on(builder_.scalar(Json(nullptr), 0, line), error);
  }
  bool on_comment_part(json::string_view, json::error_code&) { return true; }
  bool on_comment(json::string_view, json::error_code&) { return true; }

 private:
  bool keep(json::string_view part) {
    kept_.append(part.data(), part.size());
    return true;
  }
  std::string complete(json::string_view part) {
    kept_.append(part.data(), part.size());
    return std::exchange(kept_, {});
  }
  static bool go_on(bool yes, json::error_code& error) {
    if (!yes) error = json::make_error_code(json::error::exception);
    return yes;
  }

  TreeBuilder& builder_;
  ProblemList& problems_;
  std::string kept_;
};

std::string explain(json::error_code error, std::size_t column) {
  if (error == json::error::incomplete)
    return "not valid JSON: the document ends too early; close every { [ and \"";
  if (error == json::error::extra_data)
    return fmt::format("not valid JSON: more text after the end, at column {}; remove it", column);
  return fmt::format(
      "not valid JSON at column {}: {}; JSON needs double quotes around keys and "
      "texts, and no comma after the last member",
      column, error.message());
}

}  // namespace

std::optional<ReadDocument> read_json(std::string_view text, const ParserLimits& limits,
                                      ProblemList& problems) {
  TreeBuilder builder(limits, problems);
  json::parse_options options;
  options.max_depth = limits.max_depth + 1;  // the builder's own limit has the better message
  json::basic_parser<Handler> parser(options, builder, problems);
  Handler& handler = parser.handler();
  const std::size_t before = problems.size();

  json::error_code error;
  while (!error) {
    const std::size_t length = std::min(text.find('\n'), text.size() - 1) + 1;
    const bool last = length >= text.size();
    const std::size_t used = parser.write_some(!last, text.data(), length, error);
    if (!error && used < length &&
        text.substr(used, length - used).find_first_not_of(" \t\r\n") != std::string_view::npos)
      error = json::error::extra_data;
    if (error) {
      if (problems.size() == before || error != json::error::exception)
        problems.add(handler.line, builder.pointer(), explain(error, used + 1));
      return std::nullopt;
    }
    if (last) break;
    text.remove_prefix(length);
    ++handler.line;
  }
  return builder.take();
}

}  // namespace auterity::engine
