#include "engine/definition/yaml_reader.h"

#include <fmt/format.h>
#include <yaml-cpp/depthguard.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <sstream>
#include <unordered_map>

#include "engine/definition/tree_builder.h"
#include "engine/definition/yaml_scalar.h"

namespace auterity::engine {
namespace {

// yaml-cpp can be stopped only by an exception from a handler; read_yaml catches it. The reason is
// in the problem list.
struct Stopped {};

constexpr std::string_view kCoreTag = "tag:yaml.org,2002:";

class Handler final : public YAML::EventHandler {
 public:
  Handler(TreeBuilder& builder, ProblemList& problems) : builder_(builder), problems_(problems) {}

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (++documents_ > 1)
      stop(mark,
           "the document has ended before this; remove what follows (or '---'), or mend the "
           "indentation");
  }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    if (builder_.expects_key()) stop(mark, "a key is missing here; write one, or quote 'null'");
    check(builder_.scalar(Json(nullptr), 0, line(mark)));
    finish(mark, anchor);
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    if (builder_.expects_key()) stop(mark, "an alias cannot be a key; write the key out");
    const auto found = anchors_.find(anchor);
    if (found == anchors_.end())
      stop(mark,
           "this alias stands inside the value it refers to; a document cannot contain "
           "itself");
    check(builder_.insert_copy(found->second, line(mark)));
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& text) override {
    const Json value = resolve(mark, tag, text);
    if (builder_.expects_key()) {
      add_key(mark, tag, text, value);
      return;
    }
    check(builder_.scalar(value, text.size(), line(mark)));
    finish(mark, anchor);
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    check_collection(mark, tag, "seq");
    check(builder_.begin_array(line(mark)));
    open_.push_back({anchor, mark});
  }
  void OnSequenceEnd() override { close(); }

  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    check_collection(mark, tag, "map");
    check(builder_.begin_object(line(mark)));
    open_.push_back({anchor, mark});
  }
  void OnMapEnd() override { close(); }

 private:
  struct Open {
    YAML::anchor_t anchor;
    YAML::Mark mark;
  };

  static int line(const YAML::Mark& mark) { return mark.line + 1; }

  [[noreturn]] void stop(const YAML::Mark& mark, std::string message) {
    problems_.add(line(mark), builder_.pointer(), std::move(message));
    throw Stopped{};
  }
  static void check(bool goes_on) {
    if (!goes_on) throw Stopped{};
  }

  void add_key(const YAML::Mark& mark, const std::string& tag, const std::string& text,
               const Json& value) {
    const bool plain = tag == "?" || tag.empty();
    if (plain && text == "<<")
      stop(mark,
           "merge keys ('<<') are not part of YAML 1.2; write the members out, or use an "
           "alias for a whole value");
    if (!value.is_string())
      problems_.add(line(mark), builder_.pointer(),
                    fmt::format("keys are text; put {} in quotes", text));
    check(builder_.key(text, line(mark)));
  }

  void check_collection(const YAML::Mark& mark, const std::string& tag, std::string_view kind) {
    if (builder_.expects_key()) stop(mark, "a key must be text, not a list or a map");
    if (tag != "?" && !tag.empty() && tag != "!" && tag != fmt::format("{}{}", kCoreTag, kind))
      stop(mark, unknown_tag(tag));
  }

  static std::string unknown_tag(const std::string& tag) {
    return fmt::format("the tag {} is not known here; remove it", quoted(tag));
  }

  // "?" is a plain scalar without a tag, "!" a quoted one.
  Json resolve(const YAML::Mark& mark, const std::string& tag, const std::string& text) {
    if (tag == "!" || tag == fmt::format("{}str", kCoreTag)) return Json(text);
    const auto resolved = resolve_plain_scalar(text);
    if (!resolved) stop(mark, resolved.error());
    if (tag == "?" || tag.empty()) return *resolved;
    if (!tag.starts_with(kCoreTag)) stop(mark, unknown_tag(tag));
    const std::string_view kind = std::string_view(tag).substr(kCoreTag.size());
    if (kind == "null" && resolved->is_null()) return *resolved;
    if (kind == "bool" && resolved->is_bool()) return *resolved;
    if (kind == "int" && (resolved->is_int64() || resolved->is_uint64())) return *resolved;
    if (kind == "float" && resolved->is_number()) return Json(resolved->to_number<double>());
    stop(mark, kind == "null" || kind == "bool" || kind == "int" || kind == "float"
                   ? fmt::format("{} is no {}; remove the tag", quoted(text), kind)
                   : unknown_tag(tag));
  }

  void close() {
    const Open open = open_.back();
    open_.pop_back();
    builder_.end();
    finish(open.mark, open.anchor);
  }

  void finish(const YAML::Mark& mark, YAML::anchor_t anchor) {
    if (anchor == YAML::NullAnchor) return;
    auto copy = builder_.copy_last(line(mark));
    if (!copy) throw Stopped{};
    anchors_.insert_or_assign(anchor, std::move(*copy));
  }

  TreeBuilder& builder_;
  ProblemList& problems_;
  std::vector<Open> open_;
  std::unordered_map<YAML::anchor_t, ReadDocument> anchors_;
  int documents_ = 0;
};

struct Advice {
  std::string_view message, hint;
};
// What yaml-cpp says for the mistakes people make, and the mend.
constexpr Advice kAdvice[] = {
    {"illegal map value", "quote a text that contains ': '"},
    {"illegal block entry", "put the list on a line of its own, or quote the '-'"},
    {"end of map not found", "align the keys of one map in one column and quote special text"},
    {"end of sequence not found", "align the items of one list in one column"},
    {"end of map flow not found", "close '{' with '}', and quote expressions inside '{ }'"},
    {"end of sequence flow not found", "close '[' with ']'"},
    {"map keys must be on a single line", "quote a text that goes over several lines"},
    {"illegal tab when looking for indentation", "indent with spaces"},
    {"unknown token", "quote a text that begins with a special character such as @, ` or %"},
    {"the referenced anchor is not defined",
     "define it with & before its first use, or quote the *"},
};

std::string explain(const YAML::Exception& error) {
  for (const Advice& advice : kAdvice)
    if (error.msg.find(advice.message) != std::string::npos)
      return fmt::format("not valid YAML: {}; {}", error.msg, advice.hint);
  return fmt::format("not valid YAML: {}", error.msg);
}

}  // namespace

std::optional<ReadDocument> read_yaml(std::string_view text, const ParserLimits& limits,
                                      ProblemList& problems) {
  TreeBuilder builder(limits, problems);
  Handler handler(builder, problems);
  std::istringstream stream{std::string(text)};
  try {
    YAML::Parser parser(stream);
    while (parser.HandleNextDocument(handler)) {
    }
  } catch (const Stopped&) {
    return std::nullopt;
  } catch (const YAML::DeepRecursion& error) {
    problems.add(
        error.mark.line + 1, builder.pointer(),
        fmt::format("nested deeper than {} levels; flatten the document", limits.max_depth));
    return std::nullopt;
  } catch (const YAML::Exception& error) {
    problems.add(error.mark.is_null() ? 0 : error.mark.line + 1, builder.pointer(), explain(error));
    return std::nullopt;
  }
  auto document = builder.take();
  if (!document) problems.add(1, "", "the document is empty; write a workflow definition");
  return document;
}

}  // namespace auterity::engine
