// Formats numbers by QLocale.
#include "app/gui/models/number_text.hpp"

#include <QLocale>
#include <algorithm>
#include <cmath>

namespace mtok::gui {
namespace {

int decimals_for(double value, int digits) {
  if (value == 0 || !std::isfinite(value)) {
    return 0;
  }
  const int whole = static_cast<int>(std::floor(std::log10(std::abs(value)))) + 1;
  return std::clamp(digits - whole, 0, 9);
}

}  // namespace

QString no_number() {
  return QStringLiteral("–");
}

QString significant_text(double value, int digits) {
  return QLocale().toString(value, 'f', decimals_for(value, digits));
}

QString count_text(qint64 value) {
  return QLocale().toString(value);
}

QString rate_text(std::optional<UsdPerToken> rate) {
  if (!rate) {
    return no_number();
  }
  const double usd = (*rate * Tokens(1e6)).base();
  return (usd < 0 ? QStringLiteral("−$") : QStringLiteral("$")) + significant_text(std::abs(usd), 3);
}

QString dollars_text(Usd amount) {
  const double usd = std::abs(amount.base());
  const QString sign = amount.base() < 0 ? QStringLiteral("−$") : QStringLiteral("$");
  if (usd >= 1e6) {
    return sign + significant_text(usd / 1e6, 3) + QStringLiteral(" M");
  }
  return sign + QLocale().toString(usd, 'f', usd >= 1000 ? 0 : 2);
}

QString dollars_text(units::Money amount) {
  return dollars_text(amount.usd());
}

QString duration_text(std::optional<Seconds> duration) {
  if (!duration) {
    return no_number();
  }
  const double seconds = duration->base();
  if (seconds >= 1) {
    return significant_text(seconds) + QStringLiteral(" s");
  }
  return significant_text(seconds * 1e3) + QStringLiteral(" ms");
}

QString percent_text(std::optional<double> share) {
  return share ? QLocale().toString(*share * 100, 'f', 1) + QStringLiteral(" %") : no_number();
}

QString change_text(double relative) {
  const double percent = relative * 100;
  if (std::abs(percent) < 0.05) {
    return QStringLiteral("±0 %");
  }
  const QString size = QLocale().toString(std::abs(percent), 'f', std::abs(percent) < 100 ? 1 : 0);
  return (percent > 0 ? QStringLiteral("+") : QStringLiteral("−")) + size + QStringLiteral(" %");
}

}  // namespace mtok::gui
