// Writes shapes as SVG elements, and finds round numbers for axes.
#include "app/report/svg.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "app/report/text.hpp"

namespace mtok::report {
namespace {

/// A coordinate with two decimals at most.
std::string px(double value) {
  std::string text = fmt::format("{:.2f}", value);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') {
    text.pop_back();
  }
  return text == "-0" ? "0" : text;
}

/// 1, 2 or 5 times a power of ten, so that about `count` steps cover the range.
double round_step(double range, int count) {
  const double rough = range / count;
  const double power = std::pow(10.0, std::floor(std::log10(rough)));
  for (const double factor : {1.0, 2.0, 5.0}) {
    if (rough <= factor * power * (1 + 1e-9)) {
      return factor * power;
    }
  }
  return 10 * power;
}

std::string_view name_of(Anchor anchor) {
  switch (anchor) {
    case Anchor::start:
      return "start";
    case Anchor::middle:
      return "middle";
    case Anchor::end:
      break;
  }
  return "end";
}

}  // namespace

std::string_view colour_of(std::size_t series) {
  return kColours.at(series % kColours.size());
}

Scale Scale::linear(double low, double high, double from, double to) {
  constexpr int kSteps = 6;
  if (!(high > low)) {
    const double half = low == 0 ? 0.5 : std::abs(low) / 2;
    high = low + half;
    low -= half;
  }
  Scale scale;
  const double step = round_step(high - low, kSteps);
  const auto first = static_cast<std::int64_t>(std::floor(low / step + 1e-9));
  const auto last = static_cast<std::int64_t>(std::ceil(high / step - 1e-9));
  for (std::int64_t i = first; i <= last; ++i) {
    scale.ticks_.push_back(static_cast<double>(i) * step);
  }
  scale.low_ = scale.ticks_.front();
  scale.high_ = scale.ticks_.back();
  scale.from_ = from;
  scale.to_ = to;
  scale.decimals_ = std::max(0, -static_cast<int>(std::floor(std::log10(step) + 1e-9)));
  return scale;
}

Scale Scale::logarithmic(double low, double high, double from, double to) {
  Scale scale;
  scale.logarithmic_ = true;
  const auto first = static_cast<int>(std::floor(std::log10(low) + 1e-9));
  const auto last = std::max(first + 1, static_cast<int>(std::ceil(std::log10(high) - 1e-9)));
  for (int decade = first; decade <= last; ++decade) {
    scale.ticks_.push_back(std::pow(10.0, decade));
  }
  scale.low_ = first;
  scale.high_ = last;
  scale.from_ = from;
  scale.to_ = to;
  return scale;
}

double Scale::at(double value) const {
  const double place = logarithmic_ ? std::log10(value) : value;
  return from_ + (to_ - from_) * (place - low_) / (high_ - low_);
}

std::string Scale::label(double tick) const {
  constexpr double kMillion = 1e6;
  constexpr double kBillion = 1e9;
  const auto scaled = [&](double unit, const char* name) {
    return significant(tick / unit, 3) + std::string(" ") + name;
  };
  if (std::abs(tick) >= kBillion) {
    return scaled(kBillion, "G");
  }
  if (std::abs(tick) >= kMillion) {
    return scaled(kMillion, "M");
  }
  if (logarithmic_) {
    return tick >= 1 ? grouped(tick, 0) : fmt::format("{:g}", tick);
  }
  return grouped(tick == 0 ? 0.0 : tick, decimals_);
}

void Drawing::close(std::string_view element, const std::string& hint) {
  body_ += hint.empty() ? "/>\n" : fmt::format("><title>{}</title></{}>\n", xml_text(hint), element);
}

void Drawing::rectangle(Point corner, double width, double height, std::string_view colour,
                        const std::string& hint) {
  body_ += fmt::format(R"(<rect x="{}" y="{}" width="{}" height="{}" fill="{}")", px(corner.x), px(corner.y),
                       px(width), px(height), colour);
  close("rect", hint);
}

void Drawing::line(Point from, Point to, const Stroke& stroke) {
  path({from, to}, stroke);
}

void Drawing::path(const std::vector<Point>& points, const Stroke& stroke) {
  body_ += R"(<polyline fill="none" stroke-linejoin="round" points=")";
  for (const Point& point : points) {
    body_ += px(point.x) + "," + px(point.y) + " ";
  }
  if (!points.empty()) {
    body_.pop_back();
  }
  body_ += fmt::format(R"(" stroke="{}" stroke-width="{}"{}/>)", stroke.colour, px(stroke.width),
                       stroke.dashed ? R"( stroke-dasharray="4 3")" : "");
  body_ += "\n";
}

void Drawing::dot(Point centre, double radius, std::string_view colour, const std::string& hint) {
  body_ += fmt::format(R"(<circle cx="{}" cy="{}" r="{}" fill="{}")", px(centre.x), px(centre.y), px(radius),
                       colour);
  close("circle", hint);
}

void Drawing::text(Point at, std::string_view words, const TextStyle& style) {
  const std::string turn =
      style.upright ? fmt::format(R"svg( transform="rotate(-90 {} {})")svg", px(at.x), px(at.y)) : "";
  body_ += fmt::format(R"(<text x="{}" y="{}" font-size="{}" text-anchor="{}" fill="{}"{}{}>{}</text>)",
                       px(at.x), px(at.y), px(style.size), name_of(style.anchor), style.colour,
                       style.bold ? R"( font-weight="bold")" : "", turn, xml_text(words));
  body_ += "\n";
}

std::string Drawing::finish(double width, double height, const std::string& title,
                            const std::string& description) const {
  return fmt::format(
      R"(<svg xmlns="http://www.w3.org/2000/svg" width="{0}" height="{1}" viewBox="0 0 {0} {1}" role="img" )"
      R"(font-family="Helvetica, Arial, 'DejaVu Sans', sans-serif">)"
      "\n<title>{2}</title>\n<desc>{3}</desc>\n"
      R"(<rect width="{0}" height="{1}" fill="#ffffff"/>)"
      "\n{4}</svg>\n",
      px(width), px(height), xml_text(title), xml_text(description), body_);
}

std::string xml_text(std::string_view text) {
  std::string safe;
  for (const char sign : printable(text)) {
    switch (sign) {
      case '&':
        safe += "&amp;";
        break;
      case '<':
        safe += "&lt;";
        break;
      case '>':
        safe += "&gt;";
        break;
      case '"':
        safe += "&quot;";
        break;
      default:
        safe += sign;
    }
  }
  return safe;
}

double text_width(std::string_view text, double size) {
  constexpr double kMean = 0.56;  // of the size of the letters: Helvetica's lower case and digits
  return static_cast<double>(width_of(text)) * kMean * size;
}

}  // namespace mtok::report
