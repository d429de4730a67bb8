// Lays a calibration out: error before and after, each point, each constant.
#include "app/report/bench_report.hpp"

#include <fmt/format.h>

#include "app/report/shared_sections.hpp"
#include "app/report/sheet.hpp"
#include "app/report/text.hpp"

namespace mtok::report {
namespace {

using validation::BenchFit;
using validation::BenchPoint;
using validation::BenchPrediction;
using validation::FittedPoint;

std::string load_of(const BenchPoint& point) {
  if (point.rate_per_s) {
    return significant(*point.rate_per_s) + " requests/s";
  }
  return point.concurrency ? fmt::format("{} clients", *point.concurrency) : "all at once";
}

std::optional<Seconds> value_of(const std::optional<validation::BenchLatency>& latency) {
  return latency ? std::optional(latency->value) : std::nullopt;
}

Json prediction_json(const BenchPrediction& prediction) {
  return {{"ttft_ms", in_ms(prediction.ttft)},
          {"tpot_ms", in_ms(prediction.tpot)},
          {"output_tokens_per_s", number(prediction.output_tokens_per_s)}};
}

Json document_of(const BenchFit& fit, const std::vector<std::string>& notes,
                 const std::vector<std::string>& files) {
  Json json{{"schema", "mtok.calibrate_bench/1"},
            {"model", fit.deployment.architecture.name},
            {"device", fit.deployment.device.name},
            {"framework", fit.deployment.framework.name + " " + fit.deployment.framework.version},
            {"error_before", number(fit.error_before)},
            {"error_after", number(fit.error_after)},
            {"error_left_out", number(fit.error_left_out)},
            {"points", Json::array()},
            {"constants", Json::array()}};
  for (const FittedPoint& point : fit.points) {
    const BenchPoint& measured = point.measured;
    json["points"].push_back(
        {{"place", measured.place},
         {"tool", measured.tool},
         {"load", load_of(measured)},
         {"input_tokens", number(measured.input_tokens)},
         {"output_tokens", number(measured.output_tokens)},
         {"measured",
          {{"ttft_ms", in_ms(value_of(measured.ttft))},
           {"tpot_ms", in_ms(value_of(measured.tpot))},
           {"output_tokens_per_s", number(measured.output_tokens_per_s)}}},
         {"before", prediction_json(point.before)},
         {"after", prediction_json(point.after)},
         {"left_out", point.left_out ? prediction_json(*point.left_out) : Json(nullptr)}});
  }
  for (const validation::BenchConstant& constant : fit.constants) {
    json["constants"].push_back(
        {{"name", constant.name}, {"before", constant.before}, {"after", constant.after}});
  }
  json["files"] = files;
  json["notes"] = notes;
  json["warnings"] = fit.warnings;
  return json;
}

Table points_of(const BenchFit& fit) {
  Table table{.columns = {{"", Align::left},
                          {"load", Align::left},
                          {"in"},
                          {"out"},
                          {"of", Align::left},
                          {"measured"},
                          {"before"},
                          {"after"},
                          {"left out"}}};
  const auto add = [&](const FittedPoint& point, const char* what, const std::optional<double>& measured,
                       const auto& of) {
    if (measured) {
      const BenchPoint& bench = point.measured;
      table.rows.push_back({bench.place, load_of(bench), significant(bench.input_tokens),
                            significant(bench.output_tokens), what, significant(*measured),
                            significant(of(point.before)), significant(of(point.after)),
                            point.left_out ? significant(of(*point.left_out)) : std::string(kNone)});
    }
  };
  const auto ms = [](const std::optional<validation::BenchLatency>& latency) {
    return latency ? std::optional(latency->value.base() * 1e3) : std::nullopt;
  };
  for (const FittedPoint& point : fit.points) {
    add(point, "TTFT ms", ms(point.measured.ttft),
        [](const BenchPrediction& p) { return p.ttft.base() * 1e3; });
    add(point, "TPOT ms", ms(point.measured.tpot),
        [](const BenchPrediction& p) { return p.tpot.base() * 1e3; });
    add(point, "output tokens/s", point.measured.output_tokens_per_s,
        [](const BenchPrediction& p) { return p.output_tokens_per_s; });
  }
  return table;
}

Page page_of(const BenchFit& fit, const std::vector<std::string>& notes,
             const std::vector<std::string>& files) {
  Page page{.title = fmt::format("{} on {}, {}", fit.deployment.architecture.name, fit.deployment.device.name,
                                 fit.deployment.framework.name)};
  page.headline.push_back(fmt::format(
      "Median error {} before, {} after the fit{}", percent(fit.error_before), percent(fit.error_after),
      fit.error_left_out
          ? fmt::format(", {} of points that the fit has not seen", percent(fit.error_left_out))
          : ""));
  Table constants{.columns = {{"", Align::left}, {"before"}, {"after"}}};
  for (const validation::BenchConstant& constant : fit.constants) {
    constants.rows.push_back({constant.name, constant.before, constant.after});
  }
  page.sections = {{.title = "Points", .blocks = {points_of(fit)}},
                   {.title = "Constants", .blocks = {constants}},
                   {.title = "How the benchmarks were read", .blocks = {Notes{notes}}}};
  if (!files.empty()) {
    page.sections.push_back({.title = "Written", .blocks = {Notes{files}}});
  }
  page.sections.push_back(warnings_section(fit.warnings));
  return page;
}

}  // namespace

std::string bench_text(const BenchFit& fit, const std::vector<std::string>& notes,
                       const std::vector<std::string>& files, Form form) {
  const Json document = document_of(fit, notes, files);
  if (form.format == Format::json) {
    return sealed(document);
  }
  return text_of({.page = page_of(fit, notes, files), .document = document, .rows = "points"}, form);
}

}  // namespace mtok::report
