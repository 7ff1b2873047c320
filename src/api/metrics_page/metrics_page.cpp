#include "api/metrics_page/metrics_page.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/experimental/parallel_group.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "api/metrics_page/metrics_text.h"
#include "api/metrics_page/peer_scrape.h"

namespace auterity::api {
namespace asio = boost::asio;

const std::string_view kMetricsContentType = "text/plain; version=0.0.4; charset=utf-8";

MetricsPage::MetricsPage(Metrics& metrics, Clock& clock, std::vector<ListenAddress> peers,
                         std::function<void()> before)
    : metrics_(metrics),
      clock_(clock),
      peers_(std::move(peers)),
      before_(std::move(before)),
      unreachable_(metrics.gauge("auterity_metrics_unreachable_processes",
                                 "Processes whose metrics are missing from the public page.")) {}

std::string MetricsPage::own() {
  before_();
  return metrics_.expose();
}

Async<void> MetricsPage::add_page(std::size_t index, std::vector<std::string>& pages,
                                  std::size_t& missing) {
  Result<std::string> page = co_await scrape_metrics(clock_, peers_[index]);
  if (page)
    pages.push_back(std::move(*page));
  else
    ++missing;
}

Async<std::string> MetricsPage::all() {
  std::vector<std::string> pages;
  std::size_t missing = 0;
  if (!peers_.empty()) {
    const Executor executor = co_await asio::this_coro::executor;
    const auto begin = [&](std::size_t index) {
      return asio::co_spawn(executor, add_page(index, pages, missing), asio::deferred);
    };
    std::vector<decltype(begin(0))> scrapes;
    for (std::size_t i = 0; i < peers_.size(); ++i) scrapes.push_back(begin(i));
    co_await asio::experimental::make_parallel_group(std::move(scrapes))
        .async_wait(asio::experimental::wait_for_all(), asio::use_awaitable);
  }
  unreachable_.set(static_cast<double>(missing));
  pages.push_back(own());
  co_return add_up_metrics(pages);
}

Result<std::vector<ListenAddress>> parse_metrics_peers(std::string_view text,
                                                       std::string_view own) {
  std::vector<ListenAddress> peers;
  while (!text.empty()) {
    const std::size_t comma = std::min(text.find(','), text.size());
    std::string_view one = text.substr(0, comma);
    text.remove_prefix(std::min(comma + 1, text.size()));
    while (one.starts_with(' ')) one.remove_prefix(1);
    while (one.ends_with(' ')) one.remove_suffix(1);
    if (one.empty() || one == own) continue;
    auto address = parse_listen_address(one);
    if (!address)
      return std::unexpected(std::move(address).error().within("AUTERITY_METRICS_PEERS"));
    peers.push_back(std::move(*address));
  }
  return peers;
}

}  // namespace auterity::api
