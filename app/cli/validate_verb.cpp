// Writes outcomes where they were asked for.
#include "app/cli/validate_verb.hpp"

#include "app/report/validation_report.hpp"

namespace mtok::cli {

void ValidateOptions::add_to(CLI::App& verb) {
  verb.add_option("files", files, "CSV files of measurements")->required()->type_name("FILE");
  verb.add_option("--out", rows, "write measured, predicted and error of every row to this CSV file")
      ->type_name("FILE");
  verb.add_option("--svg", picture, "write a scatter of predicted over measured to this SVG file")
      ->type_name("FILE");
  output.add_to(verb);
}

ExitCode deliver(std::span<const validation::Outcome> outcomes, std::string_view subject,
                 const ValidateOptions& options) {
  if (!options.rows.empty()) {
    replace_file(options.rows, [&](std::ostream& out) { out << report::outcomes_csv(outcomes); });
  }
  if (!options.picture.empty()) {
    replace_file(options.picture, [&](std::ostream& out) { out << report::scatter_svg(outcomes, subject); });
  }
  options.output.write(report::validation_text(outcomes, subject, options.output.form()));
  return ExitCode::ok;
}

}  // namespace mtok::cli
