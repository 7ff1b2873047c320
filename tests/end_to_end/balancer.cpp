#include "balancer.h"

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <boost/json.hpp>
#include <fstream>
#include <iterator>
#include <sstream>

#include "core/json.h"

namespace auterity::end_to_end {
namespace {

namespace asio = boost::asio;
namespace fs = std::filesystem;

std::string read_file(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::int64_t number_at(const Json& value, std::string_view member) {
  const Json* found = find_member(value, member);
  return found != nullptr && found->is_int64() ? found->get_int64() : 0;
}

}  // namespace

std::vector<Balancer::Request> Balancer::requests(const std::string& id_prefix) const {
  // Full files of the log are named after the time at which they were closed, "current" comes last.
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(state_ / "logs/haproxy"))
    if (entry.path().filename().string().starts_with("@")) files.push_back(entry.path());
  std::ranges::sort(files);
  files.push_back(state_ / "logs/haproxy/current");
  std::vector<Request> found;
  for (const fs::path& file : files) {
    std::istringstream lines(read_file(file));
    for (std::string line; std::getline(lines, line);) {
      if (!line.contains("\"request_id\":\"" + id_prefix)) continue;
      const auto value = parse_json(line);
      if (!value) continue;
      found.push_back(
          {.id = std::string(string_or(find_member(*value, "request_id"), "")),
           .server = std::string(string_or(find_member(*value, "server"), "")),
           .status = static_cast<int>(number_at(*value, "status")),
           .accepted_at = Time(std::chrono::milliseconds(number_at(*value, "accepted_ms")))});
    }
  }
  return found;
}

std::string Balancer::ask(const std::string& command) const {
  const std::string settings = read_file(state_ / "services/haproxy/data/haproxy.cfg");
  const std::size_t begin = settings.find("stats socket unix@");
  if (begin == std::string::npos) return "";
  const std::string path = settings.substr(begin + 18, settings.find(' ', begin + 18) - begin - 18);
  asio::io_context io;
  asio::local::stream_protocol::socket socket(io);
  boost::system::error_code error;
  socket.connect(path, error);
  if (!error) asio::write(socket, asio::buffer(command + "\n"), error);
  std::string answer;
  if (!error) asio::read(socket, asio::dynamic_buffer(answer), error);
  return answer;
}

int Balancer::dropped_lines() const {
  std::istringstream lines(ask("show info"));
  for (std::string line; std::getline(lines, line);)
    if (line.starts_with("DroppedLogs: ")) return std::stoi(line.substr(13));
  return 0;
}

std::map<std::string, int> Balancer::weights() const {
  // "show servers state": after a line with the version and one with the columns' names, fields
  // parted by spaces; the fourth is the server's name, the seventh its administrative state (0:
  // none), the eighth its weight. Source: HAProxy 2.6 management guide, section 9.3.
  std::map<std::string, int> weights;
  std::istringstream lines(ask("show servers state api"));
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    const std::vector<std::string> fields{std::istream_iterator<std::string>(words), {}};
    if (fields.size() > 8 && fields[1] == "api" && std::stoi(fields[7]) > 0)
      weights[fields[3]] = std::stoi(fields[7]);
  }
  return weights;
}

std::map<std::string, int> Balancer::kept_weights() const {
  std::map<std::string, int> weights;
  std::istringstream lines(read_file(state_ / "services/haproxy/data/haproxy.cfg"));
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    const std::vector<std::string> fields{std::istream_iterator<std::string>(words), {}};
    if (fields.size() >= 5 && fields[0] == "server" && fields[3] == "weight" && fields[4] != "0")
      weights[fields[1]] = std::stoi(fields[4]);
  }
  return weights;
}

}  // namespace auterity::end_to_end
