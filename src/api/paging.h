#pragma once
// Lists: {items, next_cursor}. A cursor is the id of the last item of a page (keyset): pages
// neither repeat nor skip what was there.
#include <optional>

#include "api/http_server/application.h"
#include "api/routing/route.h"
#include "core/error.h"
#include "core/json.h"
#include "core/uuid.h"

namespace auterity::api {

struct Page {
  std::size_t limit = 50;  // 1 to 200
  std::optional<Uuid> before;
};
// `limit` of the query, 50 without one; invalid_input.
Result<std::size_t> read_limit(const Request& request);
// From `limit` and `cursor` of the query; invalid_input.
Result<Page> read_page(const Request& request);

// `limit` and `cursor` as the table of routes describes them.
std::vector<ParameterFacts> page_parameters();

// The path's {id}; invalid_input when it is not a UUID.
Result<Uuid> read_id(const Exchange& exchange);

void answer_json(Exchange& exchange, int status, const Json& document);
// `last` is the id of the last item; the cursor is null when the page is not full.
void answer_page(Exchange& exchange, JsonArray items, const Page& page, Uuid last);

}  // namespace auterity::api
