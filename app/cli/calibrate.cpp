// mtok calibrate: fits constants of the models to measurements.
#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <memory>
#include <sstream>

#include "app/cli/calibrate_verb.hpp"
#include "app/cli/data_root.hpp"
#include "app/cli/output.hpp"
#include "app/cli/verbs.hpp"
#include "app/report/calibration_report.hpp"
#include "app/report/text.hpp"

namespace mtok::cli {
namespace {

constexpr const char* kExamples =
    "Examples:\n"
    "  mtok calibrate bench.json more.jsonl --scenario mine.yaml --write mine/   your own benchmarks\n"
    "  mtok calibrate kernels kernels_gemm.csv collectives.csv       what a fit would change, and its error\n"
    "  mtok calibrate kernels kernels_*.csv --device l40s --write    fit one device, write its profile\n"
    "At most 8 constants of a device and 5 of each number format; judged by leaving a fifth of the shapes "
    "out,\nand by leaving the device out: from its data sheet and the constants of the other devices given.";

struct Options {
  std::vector<std::string> files{};
  std::vector<std::string> devices{};  ///< empty: all that were measured
  bool write = false;
  Output output{};
};

using RowsByDevice = std::map<std::string, std::vector<validation::KernelRow>>;

bool wanted(const Options& options, const std::string& device) {
  return options.devices.empty() ||
         std::find(options.devices.begin(), options.devices.end(), device) != options.devices.end();
}

RowsByDevice read_rows(const Options& options, const planner::Catalogue& catalogue) {
  RowsByDevice rows;
  for (const std::string& file : options.files) {
    validation::KernelFile kernels(file, catalogue);
    while (std::optional<validation::KernelRow> row = kernels.next()) {
      if (validation::is_evidence(*row) && wanted(options, row->device)) {
        rows[row->device].push_back(std::move(*row));
      }
    }
  }
  return rows;
}

/// "kernels_gemm.csv, collectives.csv": names alone, since folders differ from machine to machine.
std::string data_of(const Options& options) {
  std::string data;
  for (const std::string& file : options.files) {
    data += (data.empty() ? "" : ", ") + std::filesystem::path(file).filename().string();
  }
  return data;
}

void write_profile(const validation::KernelFit& fit, const std::string& data,
                   const planner::Catalogue& catalogue) {
  const std::filesystem::path file = *catalogue.find_device(fit.device, {}).file;
  std::stringstream text;
  text << std::ifstream(file, std::ios::binary).rdbuf();
  replace_file(file, [&](std::ostream& out) {
    out << validation::with_fitted_block(text.str(), validation::fitted_block(fit, data));
  });
}

ExitCode calibrate_kernels(const Options& options) {
  const planner::Catalogue catalogue = find_catalogue();
  std::vector<validation::KernelFit> fits;
  const RowsByDevice measured = read_rows(options, catalogue);
  for (const auto& [device, rows] : measured) {
    fits.push_back(validation::fit_kernels(validation::profile_named(catalogue, device), rows));
    if (options.write) {
      write_profile(fits.back(), data_of(options), catalogue);
    }
  }
  std::size_t which = 0;
  for (const auto& [device, rows] : measured) {
    validation::judge_by_others(fits, which++, rows);
  }
  options.output.write(report::calibration_text(fits, options.output.form()));
  return ExitCode::ok;
}

}  // namespace

void add_calibrate(CLI::App& app, Command& command) {
  const auto options = std::make_shared<Options>();
  CLI::App* const verb = app.add_subcommand("calibrate", "Fit constants of the models to measurements");
  verb->require_subcommand(0, 1);
  add_calibrate_bench(*verb, command);
  verb->footer(kExamples);
  CLI::App* const kernels = verb->add_subcommand("kernels", "Fit device constants to measured kernel times");
  kernels->add_option("files", options->files, "CSV files as for 'mtok validate kernels'")
      ->required()
      ->type_name("FILE");
  kernels->add_option("--device", options->devices, "fit only this device; may be repeated")
      ->type_name("NAME");
  kernels->add_flag("--write", options->write, "write the values into the profiles of the devices");
  options->output.add_to(*kernels);
  kernels->footer(kExamples);
  kernels->callback([options, &command] { command = [options] { return calibrate_kernels(*options); }; });
  add_calibrate_host(*verb, command);
}

}  // namespace mtok::cli
