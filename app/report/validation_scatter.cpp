// Draws predicted over measured as SVG.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "app/report/svg.hpp"
#include "app/report/validation_report.hpp"
#include "sim/units/text.hpp"

namespace mtok::report {
namespace {

using validation::Outcome;

constexpr double kSide = 340;    ///< of the square that holds the points
constexpr double kLeft = 78;     ///< room for the numbers of the axis
constexpr double kTop = 48;      ///< room for the title of the picture
constexpr double kHead = 34;     ///< room for the title of a panel
constexpr double kLegend = 250;  ///< room for the legend
constexpr double kBottom = 50;
constexpr std::size_t kColumns = 3;
constexpr std::size_t kMostColours = 10;

/// Paul Tol's "muted" palette, told apart by most colour-blind eyes, and black.
constexpr std::array<std::string_view, kMostColours> kColours{{"#332288", "#cc6677", "#117733", "#88ccee",
                                                               "#ddaa33", "#aa4499", "#44aa99", "#882255",
                                                               "#999933", "#000000"}};

std::string first_word(const std::string& text) {
  return text.substr(0, text.find(' '));
}

void add_new(std::vector<std::string>& names, const std::string& name) {
  if (std::find(names.begin(), names.end(), name) == names.end()) {
    names.push_back(name);
  }
}

bool drawable(const Outcome& outcome) {
  return outcome.ape() && *outcome.predicted > 0;
}

/// What the colours stand for: families, or their first words when there are more than colours.
struct Colouring {
  bool by_first_word = false;
  std::vector<std::string> names{};

  explicit Colouring(std::span<const Outcome> outcomes) {
    for (const Outcome& outcome : outcomes) {
      if (drawable(outcome)) {
        add_new(names, outcome.family);
      }
    }
    if (names.size() > kMostColours) {
      by_first_word = true;
      names.clear();
      for (const Outcome& outcome : outcomes) {
        if (drawable(outcome)) {
          add_new(names, first_word(outcome.family));
        }
      }
    }
  }
  [[nodiscard]] std::size_t index_of(const Outcome& outcome) const {
    const std::string& name = by_first_word ? first_word(outcome.family) : outcome.family;
    const auto found = std::find(names.begin(), names.end(), name);
    return static_cast<std::size_t>(found - names.begin());
  }
};

std::string_view colour(std::size_t index) {
  return kColours[std::min(index, kMostColours - 1)];
}

/// The square of one metric: decades [low, high] of both axes, its corner at (left, top).
struct Panel {
  std::string metric{};
  std::string unit{};
  int low = 0;
  int high = 1;
  std::vector<double> errors{};  ///< of its points
  double left = 0;
  double top = 0;

  [[nodiscard]] double along(double value) const { return kSide * (std::log10(value) - low) / (high - low); }
  [[nodiscard]] double x(double value) const { return left + along(value); }
  [[nodiscard]] double y(double value) const { return top + kSide - along(value); }
};

std::vector<Panel> panels_of(std::span<const Outcome> outcomes) {
  std::vector<Panel> panels;
  for (const Outcome& outcome : outcomes) {
    if (!drawable(outcome)) {
      continue;
    }
    const int low = static_cast<int>(std::floor(std::log10(std::min(outcome.measured, *outcome.predicted))));
    const int high = static_cast<int>(std::ceil(std::log10(std::max(outcome.measured, *outcome.predicted))));
    const auto found = std::find_if(panels.begin(), panels.end(),
                                    [&](const Panel& p) { return p.metric == outcome.metric; });
    if (found == panels.end()) {
      panels.push_back({.metric = outcome.metric,
                        .unit = outcome.unit,
                        .low = low,
                        .high = std::max(high, low + 1),
                        .errors = {*outcome.ape()}});
    } else {
      found->low = std::min(found->low, low);
      found->high = std::max(found->high, high);
      found->errors.push_back(*outcome.ape());
    }
  }
  std::stable_sort(panels.begin(), panels.end(),
                   [](const Panel& a, const Panel& b) { return a.errors.size() > b.errors.size(); });
  for (std::size_t i = 0; i < panels.size(); ++i) {
    std::sort(panels[i].errors.begin(), panels[i].errors.end());
    const std::size_t row = i / kColumns;
    panels[i].left = kLeft + static_cast<double>(i % kColumns) * (kSide + kLeft);
    panels[i].top = kTop + kHead + static_cast<double>(row) * (kSide + kHead + kBottom);
  }
  return panels;
}

std::string at(double position) {
  return units::fixed(position, 1);
}

/// predicted = factor * measured, cut at the square.
std::string line_at(const Panel& panel, double factor, std::string_view style) {
  const double least = std::pow(10, panel.low);
  const double most = std::pow(10, panel.high);
  const double from = std::max(least, least / factor);
  const double to = std::min(most, most / factor);
  return fmt::format("<line x1=\"{}\" y1=\"{}\" x2=\"{}\" y2=\"{}\" {}/>\n", at(panel.x(from)),
                     at(panel.y(from * factor)), at(panel.x(to)), at(panel.y(to * factor)), style);
}

std::string axes_of(const Panel& panel) {
  std::string svg =
      fmt::format("<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" fill=\"none\" stroke=\"#444\"/>\n",
                  at(panel.left), at(panel.top), at(kSide), at(kSide));
  for (int decade = panel.low; decade <= panel.high; ++decade) {
    const double value = std::pow(10, decade);
    const std::string label = units::shortest(value);
    svg += fmt::format("<path d=\"M{0} {1}V{2}M{3} {4}H{5}\" stroke=\"#ddd\" fill=\"none\"/>\n",
                       at(panel.x(value)), at(panel.top), at(panel.top + kSide), at(panel.left),
                       at(panel.y(value)), at(panel.left + kSide));
    svg += fmt::format("<text x=\"{}\" y=\"{}\" text-anchor=\"middle\">{}</text>\n", at(panel.x(value)),
                       at(panel.top + kSide + 16), label);
    svg += fmt::format("<text x=\"{}\" y=\"{}\" text-anchor=\"end\">{}</text>\n", at(panel.left - 6),
                       at(panel.y(value) + 4), label);
  }
  svg += fmt::format("<text x=\"{}\" y=\"{}\" text-anchor=\"middle\">measured ({})</text>\n",
                     at(panel.left + kSide / 2), at(panel.top + kSide + 34), xml_text(panel.unit));
  svg += fmt::format(
      "<text transform=\"translate({} {}) rotate(-90)\" text-anchor=\"middle\">predicted</text>\n",
      at(panel.left - 60), at(panel.top + kSide / 2));
  const std::vector<double>& errors = panel.errors;  // sorted
  const double median = (errors[(errors.size() - 1) / 2] + errors[errors.size() / 2]) / 2;
  svg += fmt::format(
      "<text x=\"{}\" y=\"{}\" font-weight=\"bold\">{}</text>"
      "<text x=\"{}\" y=\"{}\" text-anchor=\"end\" fill=\"#555\">{} rows, median error {} %</text>\n",
      at(panel.left), at(panel.top - 20), xml_text(panel.metric), at(panel.left + kSide), at(panel.top - 6),
      errors.size(), units::fixed(median * 100, 1));
  svg += line_at(panel, 1, "stroke=\"#222\" stroke-width=\"1.4\"");
  svg += line_at(panel, 1.2, "stroke=\"#222\" stroke-dasharray=\"5 4\"");
  svg += line_at(panel, 0.8, "stroke=\"#222\" stroke-dasharray=\"5 4\"");
  return svg;
}

/// Starts at (x, top).
std::string legend_of(const Colouring& colouring, double x, double top) {
  std::string svg;
  double y = top + 10;

  for (std::size_t i = 0; i < colouring.names.size(); ++i) {
    svg += fmt::format(
        "<circle cx=\"{0}\" cy=\"{1}\" r=\"5\" fill=\"{2}\"/>"
        "<text x=\"{3}\" y=\"{4}\">{5}</text>\n",
        at(x), at(y), colour(i), at(x + 12), at(y + 4), xml_text(colouring.names[i]));
    y += 20;
  }
  svg += fmt::format("<text x=\"{}\" y=\"{}\" fill=\"#555\">dashed: 20 % off</text>\n", at(x - 5), at(y + 8));
  return svg;
}

}  // namespace

std::string scatter_svg(std::span<const Outcome> outcomes, std::string_view subject) {
  const std::vector<Panel> panels = panels_of(outcomes);
  const Colouring colouring(outcomes);
  const std::size_t columns = std::clamp<std::size_t>(panels.size(), 1, kColumns);
  const std::size_t rows = std::max<std::size_t>(1, (panels.size() + kColumns - 1) / kColumns);
  const double squares = static_cast<double>(columns) * (kLeft + kSide);
  const double width = squares + kLegend;
  const double height = kTop + static_cast<double>(rows) * (kHead + kSide + kBottom);
  std::string svg = fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0}\" height=\"{1}\" viewBox=\"0 0 {0} {1}\" "
      "font-family=\"sans-serif\" font-size=\"12\">\n<rect width=\"{0}\" height=\"{1}\" fill=\"#fff\"/>\n",
      at(width), at(height));
  svg += fmt::format("<text x=\"{}\" y=\"28\" font-size=\"17\">Predicted against measured: {}</text>\n",
                     at(kLeft), xml_text(subject));
  for (const Panel& panel : panels) {
    svg += axes_of(panel);
    svg += "<g fill-opacity=\"0.5\">\n";
    for (const Outcome& outcome : outcomes) {
      if (drawable(outcome) && outcome.metric == panel.metric) {
        svg += fmt::format("<circle cx=\"{}\" cy=\"{}\" r=\"2.2\" fill=\"{}\"/>\n",
                           at(panel.x(outcome.measured)), at(panel.y(*outcome.predicted)),
                           colour(colouring.index_of(outcome)));
      }
    }
    svg += "</g>\n";
  }
  return svg + legend_of(colouring, squares + 22, kTop + kHead) + "</svg>\n";
}

}  // namespace mtok::report
