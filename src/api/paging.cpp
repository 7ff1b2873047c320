#include "api/paging.h"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <charconv>

namespace auterity::api {

Result<std::size_t> read_limit(const Request& request) {
  constexpr std::size_t kMostItems = 200;
  std::size_t limit = Page{}.limit;
  const auto text = request.query_parameter("limit");
  if (!text) return limit;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), limit);
  if (error != std::errc() || end != text->data() + text->size() || limit < 1 || limit > kMostItems)
    return fail(ErrorKind::invalid_input, "limit is not a number from 1 to 200",
                "leave it out for 50 items a page");
  return limit;
}

Result<Page> read_page(const Request& request) {
  Page page;
  AUTERITY_TRY(limit, read_limit(request));
  page.limit = limit;
  if (const auto text = request.query_parameter("cursor")) {
    page.before = parse_uuid(*text);
    if (!page.before)
      return fail(ErrorKind::invalid_input, "the cursor is malformed",
                  "send next_cursor of the page before, unchanged");
  }
  return page;
}

std::vector<ParameterFacts> page_parameters() {
  return {{"limit", "query", "Items a page.",
           R"({"type":"integer","minimum":1,"maximum":200,"default":50})"},
          {"cursor", "query", "next_cursor of the page before."}};
}

Result<Uuid> read_id(const Exchange& exchange) {
  const auto id = parse_uuid(exchange.path_parameter);
  if (!id)
    return fail(ErrorKind::invalid_input, "the id in the path is not a UUID",
                "write it as the API shows it: 8-4-4-4-12 hexadecimal digits");
  return *id;
}

void answer_json(Exchange& exchange, int status, const Json& document) {
  exchange.response.status = status;
  exchange.response.content_type = "application/json";
  exchange.response.body = auterity::to_text(document);
}

void answer_page(Exchange& exchange, JsonArray items, const Page& page, Uuid last) {
  Json cursor;
  if (items.size() == page.limit) cursor = to_text(last);
  answer_json(exchange, 200,
              JsonObject{{"items", std::move(items)}, {"next_cursor", std::move(cursor)}});
}

}  // namespace auterity::api
