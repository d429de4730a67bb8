// Predictions against measurements, as text in every format, as rows and as a picture.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "app/report/form.hpp"
#include "sim/validation/outcome.hpp"

namespace mtok::report {

/// Errors by family and by device, the largest errors, and why rows are unsupported. `subject` names what was
/// validated: "kernels". Schema `mtok.validate/1`; CSV has one line for each metric, family, device and
/// quality.
[[nodiscard]] std::string validation_text(std::span<const validation::Outcome> outcomes,
                                          std::string_view subject, Form form);

/// `row_id,metric,measured,predicted,ape,status` for every outcome; status is `ok` or `unsupported: why`.
[[nodiscard]] std::string outcomes_csv(std::span<const validation::Outcome> outcomes);

/// A scatter of predicted over measured as an SVG picture: logarithmic axes, one colour a family (the first
/// word of it when there are many), the diagonal and lines 20 % off it, a legend. One panel for each metric.
[[nodiscard]] std::string scatter_svg(std::span<const validation::Outcome> outcomes,
                                      std::string_view subject);

}  // namespace mtok::report
