#pragma once
// `call: http`, apart from the network: what a task asks for becomes a request, and a response
// becomes the task's raw output or the error to raise. Pure. Decisions where the DSL leaves room
// (DSL reference: HTTP Call, HTTP Response, Standard Error Types):
//  - an answer outside 200–299 (200–399 with `redirect: true`) is a `communication` error with the
//  answer's own status;
//  - no answer at all is `communication` 503, an answer that cannot be read is `communication` 502,
//  no answer in time is `timeout` 408,
//    an address that may not be called is `authorization` 403;
//  - an endpoint, header, query or body that cannot be sent as it is is a `configuration` error
//  400;
//  - content is parsed when its type says JSON, is text when it is valid in its character set, and
//  base64 otherwise; nothing is null.
// Not here: evaluation of expressions, retries, the limit on a task's time.
#include <expected>
#include <string>

#include "core/http_client.h"
#include "core/json.h"
#include "engine/definition/definition.h"
#include "engine/execution/workflow_error.h"
#include "engine/executor/effects.h"

namespace auterity::engine {

// The request of `effect`, whose task is `call`. Requests that change something carry an
// Idempotency-Key unless the author gave one (a header set to null is left out).
std::expected<HttpRequest, WorkflowError> make_http_request(const CallHttpTask& call,
                                                            const EffectRequest& effect);

// The task's raw output in the form that it asked for. `method` is the method as the author wrote
// it. Header values that authenticate the caller are masked in the `response` form, since outputs
// are stored.
EffectOutcome read_http_response(const CallHttpTask& call, std::string_view method,
                                 const HttpRequest& request, const HttpResponse& response);

// A response whose status is no success.
WorkflowError http_refusal(const HttpRequest& request, const HttpResponse& response);

// No response at all.
WorkflowError http_failure(const HttpRequest& request, const Error& error);

// Absolute URL without user, password, query and fragment: what may be shown.
std::string shown_url(std::string_view url);

}  // namespace auterity::engine
