// A live value: the formula of a spreadsheet and the number it gives, made together so that they cannot part.
#pragma once

#include <string>
#include <vector>

namespace mtok::report {

/// How tightly the outermost operator of a formula binds.
enum class Binding { compare, add, multiply, power, atom };

struct Term {
  std::string formula{};  ///< without '='
  double value = 0;
  Binding binding = Binding::atom;
};

/// A constant inside a formula: structural ones such as 1e6 tokens in a million; assumptions have cells.
[[nodiscard]] Term constant(double value);
[[nodiscard]] Term operator+(const Term& a, const Term& b);
[[nodiscard]] Term operator-(const Term& a, const Term& b);
[[nodiscard]] Term operator*(const Term& a, const Term& b);
[[nodiscard]] Term operator/(const Term& a, const Term& b);
[[nodiscard]] Term power(const Term& base, const Term& exponent);
/// 1 or 0, as spreadsheets count TRUE and FALSE inside arithmetic.
[[nodiscard]] Term less(const Term& a, const Term& b);
[[nodiscard]] Term at_most(const Term& a, const Term& b);

/// Cells one beside or below the other.
struct Range {
  std::string reference{};
  std::vector<double> values{};
};
[[nodiscard]] Term sum(const Range& range);
/// Of cells that lie at the same places of ranges of one shape.
[[nodiscard]] Term sum_of_products(const Range& a, const Range& b);
/// Rounded up to a whole number.
[[nodiscard]] Term round_up(const Term& value);
[[nodiscard]] Term absolute(const Term& value);
[[nodiscard]] Term larger(const Term& a, const Term& b);
[[nodiscard]] Term smaller(const Term& a, const Term& b);
/// IF(condition, yes, no); a condition holds when it is not 0.
[[nodiscard]] Term choose_if(const Term& condition, const Term& yes, const Term& no);
/// a / b, and `otherwise` where b is 0.
[[nodiscard]] Term quotient(const Term& a, const Term& b, double otherwise = 0);
/// The entry of a column at an index that counts from 1. An empty cell counts as 0.
[[nodiscard]] Term index(const Range& column, const Term& position);
/// CHOOSE(selector, first, second, ...).
[[nodiscard]] Term choose(const Term& selector, const std::vector<Term>& terms);
/// Present value of payments at the ends of periods.
[[nodiscard]] Term net_present_value(const Term& rate, const Range& payments);
/// The equal payment at the end of each of `periods` that pays `present` back; PMT with its sign turned.
[[nodiscard]] Term level_payment(const Term& rate, const Term& periods, const Term& present);
/// How many cells of the range are negative.
[[nodiscard]] Term count_negative(const Range& range);

}  // namespace mtok::report
