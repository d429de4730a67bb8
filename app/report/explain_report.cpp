// Writes an explanation as an indented tree, as a list, or as JSON.
#include "app/report/explain_report.hpp"

#include <fmt/format.h>

#include "app/report/json.hpp"
#include "app/report/text.hpp"

namespace mtok::report {
namespace {

using planner::Explanation;
using planner::Figure;
using planner::Rule;

/// Ten significant digits, which is more than a model knows and enough to check the arithmetic.
std::string value_of(const Figure& figure) {
  if (!figure.value) {
    return figure.text;
  }
  const bool as_written = figure.rule == Rule::stated && !figure.text.empty() && figure.unit.empty();
  const std::string number = as_written ? figure.text : fmt::format("{:.10g}", *figure.value);
  return number + (figure.unit.empty() ? "" : " " + figure.unit);
}

std::string joined(const Explanation& explanation, const Figure& figure, const std::string& sign) {
  std::string text;
  for (const std::size_t part : figure.parts) {
    text += (text.empty() ? "" : sign) + explanation.figures[part].key;
  }
  return text;
}

std::string source_of(const Figure& figure) {
  return figure.source + (figure.date.empty() ? "" : " (" + figure.date + ")");
}

/// One line of the tree without its indentation.
std::string line_of(const Explanation& explanation, std::size_t at) {
  const Figure& figure = explanation.figures[at];
  if (figure.rule == Rule::gathered) {
    return figure.key + ": " + figure.meaning + (figure.source.empty() ? "" : "; " + figure.source);
  }
  const std::string formula = formula_of(explanation, at);
  std::string line = figure.key + " = " + value_of(figure);
  if (figure.rule == Rule::stated) {
    return line + "  <- " + source_of(figure);
  }
  return line + (formula.empty() ? "" : " = " + formula) + "  (" + figure.meaning + ")";
}

/// A figure that is used twice stands where it is first used. What runs depend on comes after the formulas.
class Tree {
 public:
  explicit Tree(const Explanation& explanation)
      : explanation_(explanation), seen_(explanation.figures.size()) {}

  std::string text() {
    add(0, 0);
    std::size_t next = 0;
    while (next < later_.size()) {  // grows while it is walked
      text_ += "\n";
      add(later_[next], 0);
      ++next;
    }
    return text_;
  }

 private:
  void add(std::size_t at, std::size_t depth) {
    constexpr std::size_t kStep = 2;
    const Figure& figure = explanation_.figures[at];
    const std::string indent(depth * kStep, ' ');
    if (seen_[at] && !figure.parts.empty() && depth > 0) {
      text_ += indent + printable(figure.key) + ": see " + (is_run(figure) ? "below" : "above") + "\n";
      return;
    }
    if (is_run(figure) && depth > 0) {
      seen_[at] = true;
      later_.push_back(at);
      text_ += indent + printable(figure.key) + ": see below\n";
      return;
    }
    seen_[at] = true;
    text_ += indent + printable(line_of(explanation_, at)) + "\n";
    for (const std::size_t part : figure.parts) {
      add(part, depth + 1);
    }
  }

  static bool is_run(const Figure& figure) { return figure.rule == Rule::gathered && !figure.source.empty(); }

  const Explanation& explanation_;
  std::vector<bool> seen_;
  std::vector<std::size_t> later_{};
  std::string text_{};
};

Json figures_json(const Explanation& explanation) {
  Json list = Json::array();
  for (std::size_t i = 0; i < explanation.figures.size(); ++i) {
    const Figure& figure = explanation.figures[i];
    Json parts = Json::array();
    for (const std::size_t part : figure.parts) {
      parts.push_back(explanation.figures[part].key);
    }
    list.push_back({{"key", figure.key},
                    {"meaning", figure.meaning},
                    {"value", number(figure.value)},
                    {"unit", text_or_null(figure.unit)},
                    {"rule", planner::name_of(figure.rule)},
                    {"formula", text_or_null(formula_of(explanation, i))},
                    {"parts", std::move(parts)},
                    {"text", text_or_null(figure.text)},
                    {"source", text_or_null(figure.source)},
                    {"date", text_or_null(figure.date)}});
  }
  return list;
}

std::string markdown(const Explanation& explanation) {
  const Figure& figure = explanation.figures.front();
  std::string text = "# " + markdown_text(figure.key) + " = " + markdown_text(value_of(figure)) + "\n\n";
  text += markdown_text(figure.meaning) + "\n\n| figure | value | formula | source |\n|---|---|---|---|\n";
  for (std::size_t i = 0; i < explanation.figures.size(); ++i) {
    const Figure& one = explanation.figures[i];
    text += fmt::format("| {} | {} | {} | {} |\n", markdown_cell(one.key), markdown_cell(value_of(one)),
                        markdown_cell(formula_of(explanation, i)), markdown_cell(source_of(one)));
  }
  return text;
}

}  // namespace

std::string formula_of(const Explanation& explanation, std::size_t at) {
  const Figure& figure = explanation.figures[at];
  switch (figure.rule) {
    case Rule::sum:
      return joined(explanation, figure, " + ");
    case Rule::difference:
      return joined(explanation, figure, " - ");
    case Rule::product:
      return joined(explanation, figure, " * ");
    case Rule::quotient:
      return joined(explanation, figure, " / ");
    case Rule::power:
      return joined(explanation, figure, " ^ ");
    case Rule::least:
      return "least of " + joined(explanation, figure, ", ");
    case Rule::nearest:
      return joined(explanation, figure, ", ") + ", to a whole number";
    case Rule::whole:
      return "whole part of " + joined(explanation, figure, ", ");
    case Rule::rounded:
      return joined(explanation, figure, ", ") + ", to 1e-12 USD";
    case Rule::share:
      return fmt::format("{} * {} / {}, to 1e-12 USD", explanation.figures[figure.parts[0]].key,
                         explanation.figures[figure.parts[1]].key, explanation.figures[figure.parts[2]].key);
    case Rule::simulated:
      return "counted in " + joined(explanation, figure, ", ");
    case Rule::shapes:
      return "by " + figure.source + " from " + joined(explanation, figure, ", ");
    case Rule::stated:
    case Rule::gathered:
      break;
  }
  return "";
}

std::string explain_text(const Explanation& explanation, Form form) {
  switch (form.format) {
    case Format::json: {
      Json json{{"schema", "mtok.explain/1"},
                {"key", explanation.figures.front().key},
                {"value", number(explanation.figures.front().value)},
                {"figures", figures_json(explanation)}};
      return sealed(json);
    }
    case Format::csv: {
      Json list = figures_json(explanation);
      for (Json& figure : list) {
        std::string parts;
        for (const Json& part : figure["parts"]) {
          parts += (parts.empty() ? "" : ";") + part.get<std::string>();
        }
        figure["parts"] = parts;
      }
      return rows_csv(list);
    }
    case Format::markdown:
      return markdown(explanation);
    case Format::table:
      break;
  }
  return Tree(explanation).text();
}

}  // namespace mtok::report
