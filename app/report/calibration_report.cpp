// Lays fits of device constants out, one section a device.
#include "app/report/calibration_report.hpp"

#include "app/report/sheet.hpp"
#include "app/report/text.hpp"

namespace mtok::report {
namespace {

using validation::FitError;
using validation::FittedConstant;
using validation::KernelFit;

Table errors_table(const KernelFit& fit) {
  Table table{
      .columns = {
          {"kernels", Align::left}, {"shapes", Align::left}, {"rows"}, {"median error before"}, {"after"}}};
  for (const FitError& error : fit.errors) {
    table.rows.push_back({error.kind, error.fitted ? "fitted" : "judged", grouped(error.rows),
                          percent(error.before), percent(error.after)});
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

Json fit_json(const KernelFit& fit) {
  Json json{{"device", fit.device}, {"errors", Json::array()}, {"constants", Json::array()}};
  for (const FitError& error : fit.errors) {
    json["errors"].push_back({{"kernels", error.kind},
                              {"shapes", error.fitted ? "fitted" : "judged"},
                              {"rows", error.rows},
                              {"median_ape_before", number(error.before)},
                              {"median_ape_after", number(error.after)}});
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
                       .headline = {"Half of the shapes is fitted, the other half judged."}},
              .document = {{"schema", "mtok.calibrate/1"}, {"devices", Json::array()}}};
  for (const KernelFit& fit : fits) {
    sheet.page.sections.push_back({.title = fit.device, .blocks = {errors_table(fit), constants_table(fit)}});
    sheet.document["devices"].push_back(fit_json(fit));
  }
  return text_of(sheet, form);
}

}  // namespace mtok::report
