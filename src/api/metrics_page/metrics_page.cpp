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

MetricsPage::MetricsPage(Metrics& metrics, Clock& clock,
                         std::function<std::vector<ListenAddress>()> peers,
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

Async<void> MetricsPage::add_page(ListenAddress peer, std::vector<std::string>& pages,
                                  std::size_t& missing) {
  Result<std::string> page = co_await scrape_metrics(clock_, std::move(peer));
  if (page)
    pages.push_back(std::move(*page));
  else
    ++missing;
}

Async<std::string> MetricsPage::all() {
  std::vector<std::string> pages;
  std::size_t missing = 0;
  const std::vector<ListenAddress> peers = peers_();
  if (!peers.empty()) {
    const Executor executor = co_await asio::this_coro::executor;
    const auto begin = [&](const ListenAddress& peer) {
      return asio::co_spawn(executor, add_page(peer, pages, missing), asio::deferred);
    };
    std::vector<decltype(begin(peers.front()))> scrapes;
    for (const ListenAddress& peer : peers) scrapes.push_back(begin(peer));
    co_await asio::experimental::make_parallel_group(std::move(scrapes))
        .async_wait(asio::experimental::wait_for_all(), asio::use_awaitable);
  }
  unreachable_.set(static_cast<double>(missing));
  pages.push_back(own());
  co_return add_up_metrics(pages);
}

}  // namespace auterity::api
