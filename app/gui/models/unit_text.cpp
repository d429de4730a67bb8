// Reads and shows values with units in fields.
#include "app/gui/models/unit_text.hpp"

#include <QLocale>
#include <array>
#include <cmath>

#include "sim/units/text.hpp"

namespace mtok::gui {
namespace {

struct Unit {
  const char* name;
  double scale;  ///< to the unit of the file
};

constexpr std::array<Unit, 5> kDurations{{{"ms", 1}, {"s", 1e3}, {"us", 1e-3}, {"min", 60e3}, {"", 1}}};
constexpr std::array<Unit, 11> kRates{{{"req/s", 1},
                                       {"/s", 1},
                                       {"rps", 1},
                                       {"req/min", 1.0 / 60},
                                       {"/min", 1.0 / 60},
                                       {"req/h", 1.0 / 3600},
                                       {"/h", 1.0 / 3600},
                                       {"req/d", 1.0 / 86400},
                                       {"/d", 1.0 / 86400},
                                       {"req/day", 1.0 / 86400},
                                       {"", 1}}};
constexpr std::array<Unit, 5> kHourly{{{"USD/h", 1}, {"$/h", 1}, {"/h", 1}, {"USD", 1}, {"", 1}}};
constexpr std::array<Unit, 2> kShares{{{"%", 0.01}, {"", 1}}};
constexpr std::array<Unit, 1> kPlain{{{"", 1}}};

/// "2.5k req/h" as 2500 and "req/h"; nullopt when it does not begin with a number.
struct NumberAndUnit {
  double number = 0;
  QString unit{};
};
std::optional<NumberAndUnit> split(QString text) {
  text = text.trimmed();
  qsizetype end = 0;
  while (end < text.size() && (text[end].isDigit() || QStringLiteral(".,+-eE'").contains(text[end]) ||
                               text[end] == QChar(0xA0) || text[end] == QChar(0x202F))) {
    // An e belongs to the number only when digits or a sign follow.
    const bool exponent = text[end].toLower() == QLatin1Char('e');
    if (exponent && (end + 1 >= text.size() ||
                     !(text[end + 1].isDigit() || text[end + 1] == u'-' || text[end + 1] == u'+'))) {
      break;
    }
    ++end;
  }
  const QString digits = text.left(end);
  bool ok = false;
  double number = QLocale::c().toDouble(digits, &ok);
  if (!ok) {
    number = QLocale().toDouble(digits, &ok);
  }
  if (!ok || !std::isfinite(number)) {
    return std::nullopt;
  }
  QString unit = text.mid(end).trimmed();
  constexpr std::array<Unit, 4> kThousands{{{"k", 1e3}, {"K", 1e3}, {"M", 1e6}, {"G", 1e9}}};
  for (const Unit& prefix : kThousands) {
    const bool alone = unit == QLatin1String(prefix.name);
    if (alone || unit.startsWith(QLatin1String(prefix.name) + QLatin1Char(' ')) ||
        unit.startsWith(QLatin1String(prefix.name) + QLatin1String("req"))) {
      return NumberAndUnit{number * prefix.scale, unit.mid(1).trimmed()};
    }
  }
  return NumberAndUnit{number, unit};
}

template <std::size_t n>
std::optional<double> in_unit_of_file(const QString& entered, const std::array<Unit, n>& units) {
  const std::optional<NumberAndUnit> parts = split(entered);
  if (!parts) {
    return std::nullopt;
  }
  for (const Unit& unit : units) {
    if (parts->unit == QLatin1String(unit.name)) {
      return parts->number * unit.scale;
    }
  }
  return std::nullopt;
}

FieldText number_text(std::optional<double> value, const QString& expected) {
  if (!value) {
    return {.problem = QStringLiteral("expected ") + expected};
  }
  // 12 digits, so that a converted unit does not show the noise of a double.
  const double rounded = QString::number(*value, 'g', 12).toDouble();
  return {.text = QString::fromStdString(units::shortest(rounded))};
}

/// Puts the space that a scenario file wants between number and unit.
template <class Q>
FieldText quantity_text(const QString& entered, const QString& expected) {
  const std::optional<NumberAndUnit> parts = split(entered);
  if (!parts) {
    return {.problem = QStringLiteral("expected ") + expected};
  }
  QString number = entered.trimmed();
  number = number.left(number.size() - parts->unit.size()).trimmed();
  const QString text = number + QLatin1Char(' ') + parts->unit;
  if (!units::parse_quantity<Q>(text.toStdString())) {
    return {.problem = QStringLiteral("expected ") + expected + QStringLiteral("; units: ") +
                       QString::fromStdString(units::units_of<Q>())};
  }
  return {.text = text};
}

QString locale_number(double value) {
  return QLocale().toString(value, 'g', 12);
}

}  // namespace

QString example_of(FieldKind kind) {
  switch (kind) {
    case FieldKind::integer:
      return QStringLiteral("256 or 8k");
    case FieldKind::number:
      return QStringLiteral("1.5");
    case FieldKind::share:
      return QStringLiteral("45 % or 0.45");
    case FieldKind::milliseconds:
      return QStringLiteral("4 s or 100 ms");
    case FieldKind::per_second:
      return QStringLiteral("4 req/s or 2.5k req/h");
    case FieldKind::usd_per_hour:
      return QStringLiteral("2.50 USD/h");
    case FieldKind::bytes:
      return QStringLiteral("80 GB");
    case FieldKind::bandwidth:
      return QStringLiteral("1.2 TB/s");
    default:
      return {};
  }
}

FieldText to_file_text(FieldKind kind, const QString& entered) {
  const QString text = entered.trimmed();
  if (text.isEmpty()) {
    return {};
  }
  switch (kind) {
    case FieldKind::integer: {
      const std::optional<double> value = in_unit_of_file(text, kPlain);
      if (!value || *value != std::floor(*value) || std::abs(*value) > 9e15) {
        return {.problem = QStringLiteral("expected a whole number, such as ") + example_of(kind)};
      }
      return {.text = QString::number(static_cast<qint64>(*value))};
    }
    case FieldKind::number:
      return number_text(in_unit_of_file(text, kPlain), QStringLiteral("a number, such as 1.5"));
    case FieldKind::share:
      return number_text(in_unit_of_file(text, kShares),
                         QStringLiteral("a share, such as ") + example_of(kind));
    case FieldKind::milliseconds:
      return number_text(in_unit_of_file(text, kDurations),
                         QStringLiteral("a time, such as ") + example_of(kind));
    case FieldKind::per_second:
      return number_text(in_unit_of_file(text, kRates),
                         QStringLiteral("a rate, such as ") + example_of(kind));
    case FieldKind::usd_per_hour: {
      const QString amount = text.startsWith(QLatin1Char('$')) ? text.mid(1) : text;
      return number_text(in_unit_of_file(amount, kHourly),
                         QStringLiteral("a price, such as ") + example_of(kind));
    }
    case FieldKind::bytes:
      return quantity_text<Bytes>(text, QStringLiteral("a size, such as ") + example_of(kind));
    case FieldKind::bandwidth:
      return quantity_text<BytesPerSecond>(text, QStringLiteral("a bandwidth, such as ") + example_of(kind));
    default:
      return {.text = text};
  }
}

QString to_screen_text(FieldKind kind, const QString& file_text) {
  const std::optional<double> value = units::parse_number(file_text.toStdString());
  if (!value) {
    return file_text;
  }
  switch (kind) {
    case FieldKind::integer:
      return QLocale().toString(static_cast<qint64>(*value));
    case FieldKind::number:
      return locale_number(*value);
    case FieldKind::share:
      return locale_number(*value * 100) + QStringLiteral(" %");
    case FieldKind::milliseconds:
      return *value >= 1000 ? locale_number(*value / 1000) + QStringLiteral(" s")
                            : locale_number(*value) + QStringLiteral(" ms");
    case FieldKind::per_second:
      return locale_number(*value) + QStringLiteral(" req/s");
    case FieldKind::usd_per_hour:
      return locale_number(*value) + QStringLiteral(" USD/h");
    default:
      return file_text;
  }
}

}  // namespace mtok::gui
