// A drawing as SVG: shapes, text and scales, from which charts are made.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace mtok::report {

/// The palette of Okabe and Ito, told apart by most colour-blind eyes; yellow, which is faint on white, last.
/// Source: Okabe, Ito, "Color Universal Design", jfly.uni-koeln.de/color (2008).
inline constexpr std::array<std::string_view, 8> kColours{
    {"#0072b2", "#e69f00", "#009e73", "#d55e00", "#56b4e9", "#cc79a7", "#000000", "#f0e442"}};
inline constexpr std::string_view kInk = "#222222";    ///< text and axes
inline constexpr std::string_view kFaint = "#6b6b6b";  ///< remarks; 4.5:1 against white at least
inline constexpr std::string_view kGrid = "#dddddd";
/// The colour of the n-th series; starts anew after the last.
[[nodiscard]] std::string_view colour_of(std::size_t series);

struct Point {
  double x = 0;
  double y = 0;
};

/// Where a value lies between two pixels, on a linear or a logarithmic axis.
class Scale {
 public:
  /// [low, high] onto [from, to]; the range is widened to round numbers. An empty range gets some width.
  [[nodiscard]] static Scale linear(double low, double high, double from, double to);
  /// Whole decades. Requires 0 < low <= high.
  [[nodiscard]] static Scale logarithmic(double low, double high, double from, double to);

  [[nodiscard]] double at(double value) const;
  /// Round numbers from end to end: for labels and grid lines.
  [[nodiscard]] const std::vector<double>& ticks() const { return ticks_; }
  /// A tick as short text: "0.5", "1,000", "1e+06" is "1 M".
  [[nodiscard]] std::string label(double tick) const;

 private:
  bool logarithmic_ = false;
  double low_ = 0;
  double high_ = 1;
  double from_ = 0;
  double to_ = 1;
  int decimals_ = 0;
  std::vector<double> ticks_;
};

enum class Anchor { start, middle, end };

struct TextStyle {
  double size = 12;
  Anchor anchor = Anchor::start;
  bool bold = false;
  bool upright = false;  ///< turned by 90 degrees, read from below
  std::string_view colour = kInk;
};

struct Stroke {
  std::string_view colour = kInk;
  double width = 1;
  bool dashed = false;
};

/// A picture that grows as shapes are added; later ones lie on top. Texts from files are escaped. `hint` is
/// what a pointer over a shape shows, and what a screen reader says.
class Drawing {
 public:
  void rectangle(Point corner, double width, double height, std::string_view colour,
                 const std::string& hint = "");
  void line(Point from, Point to, const Stroke& stroke);
  void path(const std::vector<Point>& points, const Stroke& stroke);
  void dot(Point centre, double radius, std::string_view colour, const std::string& hint = "");
  void text(Point at, std::string_view words, const TextStyle& style);

  /// The whole file, with `title` and `description` for those who do not see it. White ground.
  [[nodiscard]] std::string finish(double width, double height, const std::string& title,
                                   const std::string& description) const;

 private:
  void close(std::string_view element, const std::string& hint);
  std::string body_;
};

/// Text that is safe between tags and inside quoted attributes.
[[nodiscard]] std::string xml_text(std::string_view text);
/// Pixels that a text of a sans-serif font takes, estimated from its letters.
[[nodiscard]] double text_width(std::string_view text, double size);

}  // namespace mtok::report
