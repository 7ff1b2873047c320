#include "api/http_server/response.h"

namespace auterity::api {

void Response::clear() {
  status = 200;
  content_type = "application/json";
  own_content_type.clear();
  headers.clear();
  body.clear();
  stream.reset();
  stream_size.reset();
  event_stream = false;
}

}  // namespace auterity::api
