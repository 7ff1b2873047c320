#include "api/process/local_wake_bus.h"

#include <boost/asio/post.hpp>

namespace auterity::api {

struct LocalWakeBus::Handlers {
  std::vector<std::function<void()>> ready;
  std::vector<std::function<void(Uuid)>> changed;
};

LocalWakeBus::LocalWakeBus(Executor executor)
    : executor_(std::move(executor)), handlers_(std::make_shared<Handlers>()) {}

LocalWakeBus::~LocalWakeBus() {
  handlers_->ready.clear();
  handlers_->changed.clear();
}

// Posted, as a message from elsewhere would be: whoever notifies is never called back from within.
void LocalWakeBus::notify_ready() {
  boost::asio::post(executor_, [handlers = handlers_] {
    for (const auto& handler : handlers->ready) handler();
  });
}

void LocalWakeBus::notify_changed(Uuid execution) {
  boost::asio::post(executor_, [handlers = handlers_, execution] {
    for (const auto& handler : handlers->changed) handler(execution);
  });
}

void LocalWakeBus::on_ready(std::function<void()> handler) {
  handlers_->ready.push_back(std::move(handler));
}

void LocalWakeBus::on_changed(std::function<void(Uuid)> handler) {
  handlers_->changed.push_back(std::move(handler));
}

}  // namespace auterity::api
