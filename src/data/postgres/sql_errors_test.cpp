#include "data/postgres/sql_errors.h"

#include <gtest/gtest.h>

namespace auterity::data {
namespace {

TEST(SqlErrors, KindsOfTheContract) {
  EXPECT_EQ(kind_of_sqlstate("23505"), ErrorKind::conflict);
  EXPECT_EQ(kind_of_sqlstate("23503"), ErrorKind::invalid_input);
  EXPECT_EQ(kind_of_sqlstate("23514"), ErrorKind::invalid_input);
  EXPECT_EQ(kind_of_sqlstate("22P02"), ErrorKind::invalid_input);
  EXPECT_EQ(kind_of_sqlstate("40001"), ErrorKind::try_again);
  EXPECT_EQ(kind_of_sqlstate("40P01"), ErrorKind::try_again);
  EXPECT_EQ(kind_of_sqlstate("53100"), ErrorKind::storage_full);
  EXPECT_EQ(kind_of_sqlstate("57014"), ErrorKind::timeout);
  EXPECT_EQ(kind_of_sqlstate("57P01"), ErrorKind::unavailable);
  EXPECT_EQ(kind_of_sqlstate("08006"), ErrorKind::unavailable);
}

TEST(SqlErrors, AWholeCodeWinsOverItsClass) {
  EXPECT_EQ(kind_of_sqlstate("53300"), ErrorKind::unavailable);
  EXPECT_EQ(kind_of_sqlstate("40003"), ErrorKind::unavailable);
}

TEST(SqlErrors, UnknownCodesAreDefects) {
  EXPECT_EQ(kind_of_sqlstate("42P01"), ErrorKind::internal);
  EXPECT_EQ(kind_of_sqlstate(""), ErrorKind::internal);
}

TEST(SqlErrors, EveryErrorNamesItsStatementAndHasAHint) {
  for (const char* code : {"23505", "42601", "57P01"}) {
    const auto error = statement_error(code, "what happened", "users.create");
    EXPECT_NE(error.message.find("users.create"), std::string::npos);
    EXPECT_NE(error.message.find(code), std::string::npos);
    EXPECT_FALSE(error.hint.empty());
  }
}

TEST(SqlErrors, AddressesAreCutFromConnectionMessages) {
  EXPECT_EQ(without_server_address("connection to server at \"db.internal\" (10.0.0.1), port 5432 "
                                   "failed: Connection refused\n\tIs the server running?\n"),
            "Connection refused");
  EXPECT_EQ(without_server_address("connection to server on socket \"/run/x/.s.PGSQL.1\" failed: "
                                   "FATAL:  the database system is starting up\n"),
            "the database system is starting up");
}

}  // namespace
}  // namespace auterity::data
