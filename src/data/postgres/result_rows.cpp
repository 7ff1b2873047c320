#include "data/postgres/result_rows.h"

#include <libpq-fe.h>

#include <cassert>
#include <charconv>

namespace auterity::data {
namespace {

class ResultRows final : public Rows {
 public:
  explicit ResultRows(PGresult* result) : result_(result) {}
  ResultRows(const ResultRows&) = delete;
  ResultRows& operator=(const ResultRows&) = delete;
  ~ResultRows() override { PQclear(result_); }

  std::size_t size() const override { return static_cast<std::size_t>(PQntuples(result_)); }
  std::size_t columns() const override { return static_cast<std::size_t>(PQnfields(result_)); }

  bool is_null(std::size_t row, std::size_t column) const override {
    check(row, column);
    return PQgetisnull(result_, static_cast<int>(row), static_cast<int>(column)) != 0;
  }

  std::string_view text(std::size_t row, std::size_t column) const override {
    check(row, column);
    const auto r = static_cast<int>(row);
    const auto c = static_cast<int>(column);
    return {PQgetvalue(result_, r, c), static_cast<std::size_t>(PQgetlength(result_, r, c))};
  }

  std::size_t affected() const override {
    const std::string_view text = PQcmdTuples(result_);
    std::size_t count = 0;
    std::from_chars(text.data(), text.data() + text.size(), count);
    return count;
  }

 private:
  void check([[maybe_unused]] std::size_t row, [[maybe_unused]] std::size_t column) const {
    assert(row < size() && column < columns() && "row or column out of range");
  }

  PGresult* result_;
};

}  // namespace

RowsPtr make_rows(pg_result* result) { return std::make_shared<ResultRows>(result); }

}  // namespace auterity::data
