// Lays fits of device constants out, one section a device.
#include "app/report/calibration_report.hpp"

#include <fmt/format.h>

#include <array>
#include <vector>

#include "app/report/sheet.hpp"
#include "app/report/text.hpp"

namespace mtok::report {
namespace {

using validation::FitError;
using validation::FittedConstant;
using validation::KernelFit;

Table errors_table(const KernelFit& fit) {
  Table table{
      .columns = {{"kernels", Align::left}, {"rows"}, {"before"}, {"fitted"}, {"judged"}, {"others"}}};
  for (const FitError& error : fit.errors) {
    table.rows.push_back({error.kind, grouped(error.rows), percent(error.before), percent(error.fitted),
                          percent(error.judged), error.others ? percent(*error.others) : "-"});
  }
  return table;
}

Table constants_table(const KernelFit& fit) {
  Table table{.columns = {{"constant", Align::left}, {"format", Align::left}, {"before"}, {"after"}}};
  for (const FittedConstant& constant : fit.constants) {
    table.rows.push_back({constant.name, constant.format, constant.before, constant.after});
  }
  return table;
}

Table pooled_table(const std::vector<validation::ErrorSummary>& summaries) {
  Table table{.columns = {{"kernels", Align::left}, {"rows"}, {"median"}, {"p90"}, {"bias"}}};
  for (const validation::ErrorSummary& s : summaries) {
    table.rows.push_back(
        {s.family, grouped(s.rows), percent(s.median_ape), percent(s.p90_ape), percent(s.bias)});
  }
  return table;
}

Json pooled_json(const std::vector<validation::ErrorSummary>& summaries) {
  Json json = Json::array();
  for (const validation::ErrorSummary& summary : summaries) {
    json.push_back({{"kernels", summary.family},
                    {"rows", summary.rows},
                    {"median_ape", number(summary.median_ape)},
                    {"p90_ape", number(summary.p90_ape)}});
  }
  return json;
}

/// The leave-one-device-out table: errors of the kinds of kernels, each device from others.
Table donors_table(std::span<const KernelFit> fits) {
  Table table{.columns = {{"device", Align::left},
                          {"from", Align::left},
                          {"kernels", Align::left},
                          {"rows"},
                          {"judged"},
                          {"others"}}};
  for (const KernelFit& fit : fits) {
    for (const FitError& error : fit.errors) {
      if (error.others) {
        table.rows.push_back({fit.device, fmt::format("{}", fmt::join(fit.donors, ", ")), error.kind,
                              grouped(error.rows), percent(error.judged), percent(*error.others)});
      }
    }
  }
  return table;
}

Json fit_json(const KernelFit& fit) {
  Json json{{"device", fit.device},
            {"errors", Json::array()},
            {"constants", Json::array()},
            {"donors", fit.donors}};
  for (const FitError& error : fit.errors) {
    json["errors"].push_back({{"kernels", error.kind},
                              {"rows", error.rows},
                              {"median_ape_before", number(error.before)},
                              {"median_ape_fitted", number(error.fitted)},
                              {"median_ape_judged", number(error.judged)},
                              {"median_ape_others", error.others ? number(*error.others) : Json()}});
  }
  for (const FittedConstant& constant : fit.constants) {
    json["constants"].push_back({{"name", constant.name},
                                 {"format", text_or_null(constant.format)},
                                 {"before", constant.before},
                                 {"after", constant.after}});
  }
  return json;
}

}  // namespace

std::string calibration_text(std::span<const KernelFit> fits, Form form) {
  Sheet sheet{.page = {.title = "Device constants fitted to measured kernels",
                       .headline = {"Median errors. Judged: each row with a fit that has not seen its shape. "
                                    "Others: from the data "
                                    "sheet and other devices' constants."}},
              .document = {{"schema", "mtok.calibrate/1"}, {"devices", Json::array()}}};
  std::vector<validation::Outcome> judged;
  std::vector<validation::Outcome> others;
  for (const KernelFit& fit : fits) {
    judged.insert(judged.end(), fit.judged.begin(), fit.judged.end());
    others.insert(others.end(), fit.others.begin(), fit.others.end());
  }
  const auto pooled = validation::summarize(judged, std::array{validation::GroupBy::family});
  sheet.page.sections.push_back({.title = "All devices, judged", .blocks = {pooled_table(pooled)}});
  sheet.document["judged"] = pooled_json(pooled);
  const auto left_out = validation::summarize(others, std::array{validation::GroupBy::family});
  sheet.page.sections.push_back({.title = "All devices, each from its data sheet and the others' constants",
                                 .blocks = {pooled_table(left_out), donors_table(fits)}});
  sheet.document["others"] = pooled_json(left_out);
  for (const KernelFit& fit : fits) {
    sheet.page.sections.push_back({.title = fit.device, .blocks = {errors_table(fit), constants_table(fit)}});
    sheet.document["devices"].push_back(fit_json(fit));
  }
  return text_of(sheet, form);
}

}  // namespace mtok::report
