#include "core/crc32c.h"

#include <gtest/gtest.h>

#include "core/random.h"

namespace auterity {
namespace {

TEST(Crc32c, KnownAnswers) {
  EXPECT_EQ(crc32c(0, ""), 0u);
  EXPECT_EQ(crc32c(0, "123456789"), 0xE3069283u);
  EXPECT_EQ(crc32c(0, std::string(32, '\0')), 0x8A9136AAu);  // RFC 3720 B.4
  EXPECT_EQ(crc32c(0, std::string(32, '\xFF')), 0x62A8AB43u);
}

TEST(Crc32c, PiecesTableAndInstructionAgree) {
  SeededRandom random(1);
  for (int i = 0; i < 200; ++i) {
    std::string bytes(random.below(3000), '\0');
    random.fill({reinterpret_cast<std::uint8_t*>(bytes.data()), bytes.size()});
    const auto cut = random.below(bytes.size() + 1);
    const auto whole = crc32c(0, bytes);
    EXPECT_EQ(crc32c(crc32c(0, bytes.substr(0, cut)), bytes.substr(cut)), whole);
    EXPECT_EQ(crc32c_by_table(0, bytes), whole);
  }
}

}  // namespace
}  // namespace auterity
