// Writes fitted constants into the texts of profiles, with where they come from.
#include <fmt/format.h>

#include <set>
#include <sstream>

#include "sim/units/text.hpp"
#include "sim/validation/bench_fit.hpp"
#include "sim/validation/fit_constants.hpp"
#include "sim/validation/kernel_fit.hpp"

namespace mtok::validation {
namespace {

/// Replaces the value of the line "  key: value" that follows "section:"; what has no such line stays.
void set_value(std::string& text, const std::string& section, const std::string& key,
               const std::string& value) {
  const std::size_t start = text.find("\n" + section + ":\n");
  const std::size_t line = start == std::string::npos ? start : text.find("\n  " + key + ": ", start);
  if (line == std::string::npos) {
    return;
  }
  const std::size_t from = line + key.size() + 5;  // "\n  " and ": "
  const std::size_t end = std::min(text.find('\n', from), text.size());
  text.replace(from, end - from, value);
}

std::string provenance(const BenchFit& fit, const std::string& data, std::int64_t rows) {
  return fmt::format("  data: \"{}\"\n  rows: {}\n  error: {}\n  judged_error: {}\n", data, rows,
                     share_text(fit.error_after), share_text(fit.error_left_out.value_or(fit.error_after)));
}

/// Lines of a `fitted:` block below it, without those of the keys and what is indented under them.
std::string other_lines(const std::string& text, const std::set<std::string>& keys) {
  const std::size_t start = text.find("\nfitted:\n");
  if (start == std::string::npos) {
    return "";
  }
  std::istringstream lines(text.substr(start + std::string("\nfitted:\n").size()));
  std::string kept;
  bool keep = true;
  for (std::string line; std::getline(lines, line) && line.starts_with("  ");) {
    if (line[2] != ' ') {
      keep = !keys.contains(line.substr(2, line.find(':') - 2));
    }
    kept += keep ? line + "\n" : "";
  }
  return kept;
}

/// The text in quotes behind "  data: " of a `fitted:` block.
std::string data_before(const std::string& text) {
  const std::string word = "\n  data: \"";
  const std::size_t block = text.find("\nfitted:\n");
  const std::size_t start = block == std::string::npos ? block : text.find(word, block);
  if (start == std::string::npos) {
    return "";
  }
  const std::size_t from = start + word.size();
  return text.substr(from, text.find('"', from) - from) + ", then ";
}

std::string without_quotes(std::string text) {
  std::erase_if(text, [](char c) { return c == '"' || c == '\\'; });
  return text;
}

}  // namespace

std::string fitted_framework_text(const std::string& profile_text, const BenchFit& fit,
                                  const std::string& data) {
  std::string text = profile_text;
  set_value(text, "host_time", "step", units::to_text(fit.framework.step_overhead));
  set_value(text, "host_time", "per_sequence", units::to_text(fit.framework.sequence_overhead));
  set_value(text, "host_time", "request", units::to_text(fit.framework.request_overhead));
  const auto rows = static_cast<std::int64_t>(fit.points.size());
  return with_fitted_block(text, "fitted:\n" + provenance(fit, without_quotes(data), rows));
}

std::string fitted_device_text(const std::string& profile_text, const BenchFit& fit,
                               const std::string& data) {
  const hardware::Efficiency& efficiency = fit.device.efficiency;
  std::string block = "fitted:\n" + provenance(fit, data_before(profile_text) + without_quotes(data),
                                               static_cast<std::int64_t>(fit.points.size()));
  block += fmt::format("  bandwidth_fraction: {}\n  peak_fraction: {}\n",
                       share_text(efficiency.bandwidth_fraction), share_text(efficiency.peak_fraction));
  if (!efficiency.peak_fraction_of.empty()) {
    block += "  peak_fraction_of:\n";
    for (const auto& [format, share] : efficiency.peak_fraction_of) {
      block += fmt::format("    {}: {}\n", kernel::name_of(format), share_text(share));
    }
  }
  block += other_lines(profile_text, {"data", "rows", "error", "judged_error", "bandwidth_fraction",
                                      "peak_fraction", "peak_fraction_of"});
  return with_fitted_block(profile_text, block);
}

}  // namespace mtok::validation
