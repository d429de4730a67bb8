// Tables of a host: errors, speed-ups, mixtures of experts, forward passes.
#include "app/report/host_report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <vector>

#include "app/report/sheet.hpp"
#include "app/report/text.hpp"
#include "sim/units/text.hpp"

namespace mtok::report {
namespace {

using validation::ErrorSummary;
using validation::GroupBy;
using validation::HostDevice;
using validation::HostKind;
using validation::HostRow;
using validation::MixtureRow;
using validation::Outcome;
using validation::SpeedUp;

constexpr std::size_t kLargest = 10;

std::string times(double factor) {
  return units::fixed(factor, 2);
}
std::string microseconds(Seconds time) {
  return significant(time.base() * 1e6, 4);
}
bool is_step(const HostRow& row) {
  return row.sample.work.kind == HostKind::prefill || row.sample.work.kind == HostKind::decode;
}

double median_of(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const std::size_t half = values.size() / 2;
  return values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
}

Table errors_table(const std::vector<Outcome>& outcomes) {
  Table table{.columns = {{"device", Align::left},
                          {"family", Align::left},
                          {"rows"},
                          {"mean"},
                          {"median"},
                          {"p90"},
                          {"bias"}}};
  for (const ErrorSummary& s :
       validation::summarize(outcomes, std::array{GroupBy::device, GroupBy::metric, GroupBy::family})) {
    table.rows.push_back({s.device, s.family, grouped(s.rows), percent(s.mean_ape), percent(s.median_ape),
                          percent(s.p90_ape), percent(s.bias)});
  }
  return table;
}

/// Median over the shapes, by formats, residency and rows.
Table speed_up_table(const HostDevice& device) {
  Table table{.columns = {{"formats", Align::left},
                          {"weights", Align::left},
                          {"rows"},
                          {"measured"},
                          {"predicted"},
                          {"mean error"}}};
  struct Values {
    std::vector<double> measured{};
    std::vector<double> predicted{};
    double errors = 0;
  };
  std::map<std::tuple<std::string, bool, std::int64_t>, Values> groups;
  for (const SpeedUp& s : device.speed_ups) {
    Values& values = groups[{s.formats, s.work.cold, s.work.m}];
    values.measured.push_back(s.measured);
    values.predicted.push_back(s.predicted);
    values.errors += std::abs(s.predicted / s.measured - 1);
  }
  for (const auto& [key, values] : groups) {
    const auto& [formats, cold, m] = key;
    table.rows.push_back({formats, cold ? "cold" : "hot", grouped(m), times(median_of(values.measured)),
                          times(median_of(values.predicted)),
                          percent(values.errors / static_cast<double>(values.measured.size()))});
  }
  return table;
}

std::string twin_cell(const std::optional<HostRow>& twin) {
  return twin ? fmt::format("{} / {}", microseconds(twin->sample.least), microseconds(twin->predicted))
              : std::string(kNone);
}

Table mixture_table(const HostDevice& device) {
  Table table{.columns = {{"mixture", Align::left},
                          {"format", Align::left},
                          {"tokens"},
                          {"measured us"},
                          {"predicted us"},
                          {"error"},
                          {"in products"},
                          {"experts counted"},
                          {"expected"},
                          {"active twin m / p us"},
                          {"total twin m / p us"}}};
  for (const MixtureRow& mixture : device.mixtures) {
    const HostRow& row = mixture.layer;
    const validation::HostWork& work = row.sample.work;
    table.rows.push_back({fmt::format("{} of {}, {} x {}", work.top_k, work.experts, work.k, work.n),
                          std::string(kernel::name_of(work.format)), grouped(work.m),
                          microseconds(row.sample.least), microseconds(row.predicted), percent(row.ape()),
                          percent(row.sample.products / row.sample.least),
                          units::fixed(row.sample.distinct, 2), units::fixed(mixture.expected_distinct, 2),
                          twin_cell(mixture.dense_active), twin_cell(mixture.dense_total)});
  }
  return table;
}

Table step_table(const HostDevice& device) {
  Table table{.columns = {{"network and step", Align::left},
                          {"format", Align::left},
                          {"measured tokens/s"},
                          {"predicted"},
                          {"error"}}};
  for (const HostRow& row : device.rows) {
    if (is_step(row)) {
      table.rows.push_back(
          {fmt::format("{} {}", validation::name_of(row.sample.work.kind), shape_text(row.sample.work)),
           std::string(kernel::name_of(row.sample.work.format)), significant(row.measured_tokens_per_s(), 4),
           significant(row.predicted_tokens_per_s(), 4), percent(row.ape())});
    }
  }
  return table;
}

Table largest_table(std::vector<Outcome> outcomes) {
  std::stable_sort(outcomes.begin(), outcomes.end(),
                   [](const Outcome& a, const Outcome& b) { return *a.ape() > *b.ape(); });
  outcomes.resize(std::min(outcomes.size(), kLargest));
  Table table{.columns = {{"what", Align::left},
                          {"family", Align::left},
                          {"unit", Align::left},
                          {"measured"},
                          {"predicted"},
                          {"error"}}};
  for (const Outcome& outcome : outcomes) {
    table.rows.push_back({outcome.row_id, outcome.family, outcome.unit, significant(outcome.measured, 4),
                          significant(*outcome.predicted, 4), percent(outcome.ape())});
  }
  return table;
}

Json row_json(const HostDevice& device, const HostRow& row) {
  const validation::HostSample& sample = row.sample;
  return {{"kind", validation::name_of(sample.work.kind)},
          {"format", kernel::name_of(sample.work.format)},
          {"shape", shape_text(sample.work)},
          {"threads", device.threads},
          {"isa", device.isa},
          {"implementation", sample.implementation},
          {"measured_us", number(sample.least.base() * 1e6)},
          {"median_us", number(sample.median.base() * 1e6)},
          {"predicted_us", number(row.predicted.base() * 1e6)},
          {"ape", number(row.ape())},
          {"split", validation::name_of(sample.split)},
          {"predicted_at_best_pace_us", number(row.predicted_at_best.base() * 1e6)},
          {"compute_pace", number(sample.compute_pace)},
          {"memory_pace", number(sample.memory_pace)}};
}

Json speed_up_json(const HostDevice& device, const SpeedUp& s) {
  return {{"formats", s.formats}, {"shape", shape_text(s.work)},    {"threads", device.threads},
          {"isa", device.isa},    {"measured", number(s.measured)}, {"predicted", number(s.predicted)}};
}

Json mixture_json(const HostDevice& device, const MixtureRow& mixture) {
  const auto twin = [](const std::optional<HostRow>& row) {
    return row ? Json{{"measured_us", number(row->sample.least.base() * 1e6)},
                      {"predicted_us", number(row->predicted.base() * 1e6)}}
               : Json(nullptr);
  };
  return {{"shape", shape_text(mixture.layer.sample.work)},
          {"format", kernel::name_of(mixture.layer.sample.work.format)},
          {"threads", device.threads},
          {"isa", device.isa},
          {"measured_us", number(mixture.layer.sample.least.base() * 1e6)},
          {"predicted_us", number(mixture.layer.predicted.base() * 1e6)},
          {"products_us", number(mixture.layer.sample.products.base() * 1e6)},
          {"distinct_counted", number(mixture.layer.sample.distinct)},
          {"distinct_expected", number(mixture.expected_distinct)},
          {"dense_active", twin(mixture.dense_active)},
          {"dense_total", twin(mixture.dense_total)}};
}

Json summary_json(const std::vector<Outcome>& outcomes) {
  Json list = Json::array();
  for (const ErrorSummary& s :
       validation::summarize(outcomes, std::array{GroupBy::device, GroupBy::metric, GroupBy::family})) {
    list.push_back({{"device", s.device},
                    {"family", s.family},
                    {"metric", s.metric},
                    {"rows", s.rows},
                    {"mean_ape", number(s.mean_ape)},
                    {"median_ape", number(s.median_ape)},
                    {"p90_ape", number(s.p90_ape)},
                    {"bias", number(s.bias)}});
  }
  return list;
}

/// Whether the numbers can be trusted, in words.
std::string disturbance_text(double share) {
  return share > validation::kTolerable
             ? fmt::format("The machine was disturbed: beside {} of the blocks it ran slower than it can",
                           percent(share))
             : fmt::format("The machine was quiet enough: {} of the blocks were disturbed", percent(share));
}

}  // namespace

std::string host_text(std::span<const HostDevice> devices, const std::string& machine, double disturbed_share,
                      Form form) {
  const std::vector<Outcome> outcomes = validation::outcomes_of(devices);
  Sheet sheet{
      .page = {.title = "Predicted against measured: host",
               .headline = {machine, disturbance_text(disturbed_share),
                            "Least times over all repeats. Of no shape below was a constant fitted."}},
      .document = {{"schema", "mtok.validate_host/1"},
                   {"machine", machine},
                   {"disturbed_share", number(disturbed_share)},
                   {"kernels", Json::array()},
                   {"speed_ups", Json::array()},
                   {"mixtures", Json::array()},
                   {"summary", summary_json(outcomes)}},
      .rows = "kernels"};
  sheet.page.sections.push_back({.title = "Errors", .blocks = {errors_table(outcomes)}});
  for (const HostDevice& device : devices) {
    for (const HostRow& row : device.rows) {
      sheet.document["kernels"].push_back(row_json(device, row));
    }
    for (const SpeedUp& speed_up : device.speed_ups) {
      sheet.document["speed_ups"].push_back(speed_up_json(device, speed_up));
    }
    for (const MixtureRow& mixture : device.mixtures) {
      sheet.document["mixtures"].push_back(mixture_json(device, mixture));
    }
    if (!device.speed_ups.empty()) {
      sheet.page.sections.push_back(
          {.title = "Speed-ups of products, " + device.name(), .blocks = {speed_up_table(device)}});
    }
    if (!device.mixtures.empty()) {
      sheet.page.sections.push_back(
          {.title = "Mixtures of experts by batch, " + device.name(), .blocks = {mixture_table(device)}});
    }
    if (std::any_of(device.rows.begin(), device.rows.end(), is_step)) {
      sheet.page.sections.push_back(
          {.title = "Forward passes, " + device.name(), .blocks = {step_table(device)}});
    }
  }
  if (!outcomes.empty()) {
    sheet.page.sections.push_back({.title = "Largest errors", .blocks = {largest_table(outcomes)}});
  }
  return text_of(sheet, form);
}

std::string host_calibration_text(const HostDevice& device, const std::string& file, Form form) {
  const hardware::DeviceProfile& p = device.profile;
  Facts constants;
  for (const auto& [format, rate] : p.peak) {
    constants.lines.emplace_back(
        fmt::format("{} products", kernel::name_of(format)),
        fmt::format("{}, weights unpacked in the time of {} rows", units::to_text(rate),
                    units::fixed(p.efficiency.unpack_rows_of.at(format), 2)));
  }
  for (const hardware::CacheLevel& level : p.caches) {
    constants.lines.emplace_back(level.name + " cache", fmt::format("{}, {}", units::to_text(level.capacity),
                                                                    units::to_text(level.bandwidth)));
  }
  constants.lines.emplace_back("memory", units::to_text(p.memory_bandwidth));
  constants.lines.emplace_back("compute hidden under memory", percent(p.efficiency.overlap));
  constants.lines.emplace_back("shortest product", units::to_text(p.efficiency.kernel_floor));
  double error = 0;
  std::int64_t rows = 0;
  for (const HostRow& row : device.rows) {
    if (row.sample.work.kind == HostKind::gemm) {
      error += row.ape();
      rows += 1;
    }
  }
  const double mean = rows > 0 ? error / static_cast<double>(rows) : 0;
  Sheet sheet{.page = {.title = "This machine as a device: " + device.name(),
                       .headline = {fmt::format("{}; mean error of the {} products it was fitted to: {}",
                                                file, grouped(rows), percent(mean))},
                       .sections = {{.blocks = {constants}}}},
              .document = {{"schema", "mtok.calibrate_host/1"},
                           {"device", device.name()},
                           {"file", file},
                           {"rows", rows},
                           {"mean_ape", number(mean)},
                           {"memory_bytes_per_s", number(p.memory_bandwidth.base())}}};
  return text_of(sheet, form);
}

}  // namespace mtok::report
