// Puts formulas together and computes what they give, by the rules of Excel 2007.
#include "app/report/xlsx_term.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "sim/units/text.hpp"

namespace mtok::report {
namespace {

std::string wrapped(const Term& term, Binding least) {
  return term.binding < least ? "(" + term.formula + ")" : term.formula;
}

Term joined(const Term& a, const char* sign, const Term& b, Binding binding, double value) {
  const Binding right = static_cast<Binding>(static_cast<int>(binding) + 1);  // a-(b-c), a/(b*c)
  return {wrapped(a, binding) + sign + wrapped(b, right), value, binding};
}

}  // namespace

Term constant(double value) {
  const std::string text = units::shortest(value);
  return {value < 0 ? "(" + text + ")" : text, value};
}

Term operator+(const Term& a, const Term& b) {
  return joined(a, "+", b, Binding::add, a.value + b.value);
}

Term operator-(const Term& a, const Term& b) {
  return joined(a, "-", b, Binding::add, a.value - b.value);
}

Term operator*(const Term& a, const Term& b) {
  return joined(a, "*", b, Binding::multiply, a.value * b.value);
}

Term operator/(const Term& a, const Term& b) {
  return joined(a, "/", b, Binding::multiply, a.value / b.value);
}

Term power(const Term& base, const Term& exponent) {
  return joined(base, "^", exponent, Binding::power, std::pow(base.value, exponent.value));
}

Term less(const Term& a, const Term& b) {
  return joined(a, "<", b, Binding::compare, a.value < b.value ? 1 : 0);
}

Term at_most(const Term& a, const Term& b) {
  return joined(a, "<=", b, Binding::compare, a.value <= b.value ? 1 : 0);
}

Term sum(const Range& range) {
  return {"SUM(" + range.reference + ")", std::accumulate(range.values.begin(), range.values.end(), 0.0)};
}

Term sum_of_products(const Range& a, const Range& b) {
  double value = 0;
  for (std::size_t i = 0; i < a.values.size() && i < b.values.size(); ++i) {
    value += a.values[i] * b.values[i];
  }
  return {"SUMPRODUCT(" + a.reference + "," + b.reference + ")", value};
}

Term round_up(const Term& value) {
  return {"ROUNDUP(" + value.formula + ",0)", std::ceil(value.value)};
}

Term absolute(const Term& value) {
  return {"ABS(" + value.formula + ")", std::abs(value.value)};
}

Term larger(const Term& a, const Term& b) {
  return {"MAX(" + a.formula + "," + b.formula + ")", std::max(a.value, b.value)};
}

Term smaller(const Term& a, const Term& b) {
  return {"MIN(" + a.formula + "," + b.formula + ")", std::min(a.value, b.value)};
}

Term choose_if(const Term& condition, const Term& yes, const Term& no) {
  return {"IF(" + condition.formula + "," + yes.formula + "," + no.formula + ")",
          condition.value != 0 ? yes.value : no.value};
}

Term quotient(const Term& a, const Term& b, double otherwise) {
  const Term ratio = a / b;
  return {"IF(" + wrapped(b, Binding::add) + "=0," + units::shortest(otherwise) + "," + ratio.formula + ")",
          b.value == 0 ? otherwise : ratio.value};
}

Term index(const Range& column, const Term& position) {
  const auto at = static_cast<std::size_t>(position.value);
  return {"INDEX(" + column.reference + "," + position.formula + ")",
          at >= 1 && at <= column.values.size() ? column.values[at - 1] : 0};
}

Term choose(const Term& selector, const std::vector<Term>& terms) {
  Term result{"CHOOSE(" + selector.formula};
  for (const Term& term : terms) {
    result.formula += "," + term.formula;
  }
  result.formula += ")";
  const auto at = static_cast<std::size_t>(selector.value);
  result.value = at >= 1 && at <= terms.size() ? terms[at - 1].value : 0;
  return result;
}

Term net_present_value(const Term& rate, const Range& payments) {
  double value = 0;
  for (std::size_t i = 0; i < payments.values.size(); ++i) {
    value += payments.values[i] / std::pow(1 + rate.value, static_cast<double>(i + 1));
  }
  return {"NPV(" + rate.formula + "," + payments.reference + ")", value};
}

Term level_payment(const Term& rate, const Term& periods, const Term& present) {
  const double growth = std::pow(1 + rate.value, periods.value);
  const double value =
      rate.value == 0 ? present.value / periods.value : present.value * rate.value * growth / (growth - 1);
  return {"-PMT(" + rate.formula + "," + periods.formula + "," + present.formula + ")", value, Binding::add};
}

Term count_negative(const Range& range) {
  const auto count = std::count_if(range.values.begin(), range.values.end(), [](double x) { return x < 0; });
  return {"COUNTIF(" + range.reference + ",\"<0\")", static_cast<double>(count)};
}

}  // namespace mtok::report
