#include "core/http_status.h"

#include <gtest/gtest.h>

#include "core/error.h"

namespace auterity {
namespace {

TEST(HttpStatus, HasTheNamesOfTheRegistry) {
  EXPECT_EQ(reason_phrase(100), "Continue");
  EXPECT_EQ(reason_phrase(404), "Not Found");
  EXPECT_EQ(reason_phrase(422), "Unprocessable Content");
  EXPECT_EQ(reason_phrase(511), "Network Authentication Required");
}

TEST(HttpStatus, HasNoneForWhatIsNoStatus) {
  for (const int status : {-1, 0, 99, 299, 418, 600, 1'000'000})
    EXPECT_EQ(reason_phrase(status), "") << status;
}

TEST(HttpStatus, NamesWhatEveryErrorOfOursAnswers) {
  for (int kind = 0; kind <= static_cast<int>(ErrorKind::internal); ++kind)
    EXPECT_NE(reason_phrase(facts(static_cast<ErrorKind>(kind)).http_status), "") << kind;
}

}  // namespace
}  // namespace auterity
