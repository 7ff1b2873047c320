#include "engine/execution/secret_mask.h"

#include <gtest/gtest.h>

#include <boost/json/object.hpp>

#include "core/random.h"

namespace auterity::engine {
namespace {

Json json(std::string_view text) { return *parse_json(text); }

const JsonObject kSecrets =
    json(R"({"plain":"sesame","nested":{"token":"t0ken-t0ken","list":["abcd"]},
  "short":"abc","number":12345,"longer":"sesame-street"})")
        .get_object();

TEST(SecretMask, MasksEveryOccurrenceInStrings) {
  const SecretMask mask(kSecrets);
  EXPECT_EQ(mask.mask(json(R"({"a":"open sesame, sesame!","b":["t0ken-t0ken",{"c":"xabcdx"}]})")),
            json(R"({"a":"open ***, ***!","b":["***",{"c":"x***x"}]})"));
}

TEST(SecretMask, TheLongestSecretIsTakenFirst) {
  EXPECT_EQ(SecretMask(kSecrets).mask(Json("sesame-street")), Json("***"));
}

TEST(SecretMask, ShortStringsNumbersAndKeysAreLeft) {
  const Json value = json(R"({"sesame":"abc","n":12345})");
  EXPECT_EQ(SecretMask(kSecrets).mask(value), value);
}

TEST(SecretMask, SealedTextHoldsNoSecretAndOpensAgain) {
  const SecretMask mask(kSecrets);
  const Json value = json(R"({"a":"open sesame","b":["sesame-street","t0ken-t0ken"],"c":7})");
  const Json sealed = mask.seal(value);
  EXPECT_EQ(auterity::to_text(sealed).find("sesame"), std::string::npos);
  EXPECT_EQ(mask.unseal(sealed), value);
}

TEST(SecretMask, DataCannotImitateAReference) {
  const SecretMask mask(kSecrets);
  for (const std::string& text : {std::string("\x01/plain\x02"), std::string("\x01\x01/plain\x02"),
                                  std::string("\x01"), std::string("\x01\x02\x01")})
    EXPECT_EQ(mask.unseal(mask.seal(Json(text))), Json(text));
}

TEST(SecretMask, ASealedValueGetsTheSecretOfItsDay) {
  const Json sealed = SecretMask(kSecrets).seal(Json("Bearer sesame"));
  EXPECT_EQ(SecretMask(JsonObject{{"plain", "changed"}}).unseal(sealed), Json("Bearer changed"));
  EXPECT_EQ(SecretMask(JsonObject{}).unseal(sealed), Json("Bearer "));
}

TEST(SecretMask, AnyTextSurvivesSealing) {
  const SecretMask mask(kSecrets);
  SeededRandom random(3);
  constexpr std::string_view kPieces[] = {"sesame", "\x01", "\x02", "/plain", "ses", "x", "abcd"};
  for (int i = 0; i < 2000; ++i) {
    std::string text;
    for (std::uint64_t n = random.below(8); n > 0; --n) text += kPieces[random.below(7)];
    EXPECT_EQ(mask.unseal(mask.seal(Json(text))), Json(text));
  }
}

}  // namespace
}  // namespace auterity::engine
