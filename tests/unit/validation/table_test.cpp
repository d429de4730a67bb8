// Measurement files: cells by name, and errors that point at the cell.
#include "sim/validation/table.hpp"

#include "tests/unit/validation/measurement_file.hpp"

namespace mtok::validation {
namespace {

std::string error_of(const std::string& text, const std::vector<std::string>& columns) {
  try {
    Table table(measurement_file(text), columns);
    while (table.next()) {
      static_cast<void>(table.number("a", 0));
    }
  } catch (const config::Error& error) {
    return error.what();
  }
  return "";
}

TEST(Table, ReadsCellsByTheNameOfTheirColumn) {
  Table table(measurement_file("\xEF\xBB\xBF"
                               "a,b\r\n1.5,\"x, \"\"y\"\"\"\r\n\r\n,z\r\n"),
              {"a", "b"});
  ASSERT_TRUE(table.next());
  EXPECT_EQ(table.number("a", 7), 1.5);
  EXPECT_EQ(table.cell("b"), "x, \"y\"");
  EXPECT_EQ(table.cell("c"), "");
  ASSERT_TRUE(table.next());
  EXPECT_EQ(table.line(), 4);
  EXPECT_EQ(table.number("a", 7), 7);
  EXPECT_FALSE(table.next());
}

TEST(Table, NamesMissingColumns) {
  EXPECT_NE(error_of("a,b\n", {"a", "c", "d"}).find("c, d"), std::string::npos);
}

TEST(Table, RefusesRowsOfAnotherWidth) {
  EXPECT_NE(error_of("a,b\n1,2,3\n", {"a"}).find("expected 2 cells"), std::string::npos);
}

TEST(Table, PointsAtACellThatIsNoNumber) {
  const std::string error = error_of("b,a\n1,two\n", {"a"});
  EXPECT_NE(error.find(":2:3:"), std::string::npos) << error;
  EXPECT_NE(error.find("'two'"), std::string::npos) << error;
}

TEST(Table, RefusesAQuoteThatIsNeverClosed) {
  EXPECT_NE(error_of("a\n\"1\n", {"a"}).find("quote"), std::string::npos);
}

}  // namespace
}  // namespace mtok::validation
