// Shows devices with their peaks and prices.
#include <fmt/format.h>

#include <array>

#include "app/report/shared_sections.hpp"
#include "app/report/sheet.hpp"
#include "app/report/show_report.hpp"
#include "app/report/text.hpp"
#include "sim/units/text.hpp"

namespace mtok::report {
namespace {

using hardware::DeviceProfile;
using kernel::NumberFormat;

std::string kind_of(const DeviceProfile& device) {
  switch (device.kind) {
    case hardware::DeviceKind::gpu:
      return "gpu";
    case hardware::DeviceKind::tpu:
      return "tpu";
    case hardware::DeviceKind::cpu:
      break;
  }
  return "cpu";
}

std::string peak_cell(const DeviceProfile& device, NumberFormat format) {
  const auto found = device.peak.find(format);
  return found == device.peak.end() ? std::string(kNone) : units::to_text(found->second);
}

/// "uncalibrated", or how far a fit to measurements of the device is off.
std::string calibration_of(const DeviceProfile& device) {
  if (!device.fitted) {
    return "uncalibrated: the shares of its generation";
  }
  const hardware::Fit& fit = *device.fitted;
  return fmt::format("fitted to {} kernels, median error {}, {}", grouped(fit.rows), percent(fit.error),
                     fit.judged_error ? fmt::format("of other shapes {}", percent(*fit.judged_error))
                                      : std::string("not judged on other shapes"));
}

std::string scale_up_of(const DeviceProfile& device) {
  return device.scale_up.bandwidth > BytesPerSecond{}
             ? fmt::format("{}, {} one way, {} devices", device.scale_up.name,
                           units::to_text(device.scale_up.bandwidth), device.scale_up.domain)
             : "none";
}

std::optional<Usd> device_hour(const cost::PriceBook& prices, const DeviceProfile& device) {
  const std::optional<cost::Price> price = prices.find(device.name, cost::Tier::on_demand);
  return price ? std::optional(price->per_device * Seconds(3600)) : std::nullopt;
}

Json device_json(const DeviceProfile& device, const cost::PriceBook& prices) {
  Json json{{"name", device.name},
            {"vendor", device.vendor},
            {"architecture", device.architecture},
            {"kind", kind_of(device)},
            {"calibration", calibration_of(device)},
            {"released", text_or_null(device.released)},
            {"memory_bytes", bytes(device.memory)},
            {"memory_bandwidth_bytes_per_s", number(device.memory_bandwidth.base())},
            {"tdp_w", number(device.tdp.base())},
            {"peak_flops_per_s", Json::object()}};
  for (const kernel::NamedFormat& entry : kernel::kNumberFormats) {
    const auto found = device.peak.find(entry.format);
    json["peak_flops_per_s"][std::string(entry.name)] =
        found == device.peak.end() ? Json(nullptr) : number(found->second.base());
  }
  json["scale_up_bandwidth_bytes_per_s"] = number(device.scale_up.bandwidth.base());
  json["scale_up_domain"] = device.scale_up.domain;
  json["usd_per_device_hour"] = usd(device_hour(prices, device));
  json["source"] = device.source;
  json["notes"] = text_or_null(device.notes);
  return json;
}

std::vector<std::string> device_row(const DeviceProfile& device, const cost::PriceBook& prices) {
  const std::optional<Usd> price = device_hour(prices, device);
  return {device.name,
          kind_of(device),
          units::to_text(device.memory),
          units::to_text(device.memory_bandwidth),
          peak_cell(device, NumberFormat::bf16),
          peak_cell(device, NumberFormat::fp8),
          peak_cell(device, NumberFormat::int8),
          units::to_text(device.tdp),
          price ? dollars(*price) : std::string(kNone)};
}

Section peaks_of(const DeviceProfile& device) {
  Facts facts;
  for (const kernel::NamedFormat& entry : kernel::kNumberFormats) {
    if (device.peak.contains(entry.format)) {
      facts.lines.emplace_back(entry.name, peak_cell(device, entry.format));
    }
  }
  return {.title = "Peaks, dense", .blocks = {facts}};
}

Section offers_of(const std::string& device, const cost::PriceBook& prices) {
  Notes notes;
  for (const cost::Price& price : prices.prices()) {
    if (price.device == device) {
      notes.lines.push_back(price_text(price));
    }
  }
  if (notes.lines.empty()) {
    notes.lines.emplace_back("none in the price book '" + prices.name() + "'");
  }
  return {.title = "Prices", .blocks = {notes}};
}

/// A text of several lines as one note a line.
Notes lines_of(const std::string& text) {
  Notes notes;
  for (std::size_t start = 0; start < text.size();) {
    const std::size_t end = std::min(text.find('\n', start), text.size());
    notes.lines.push_back(text.substr(start, end - start));
    start = end + 1;
  }
  return notes;
}

Json price_json(const cost::Price& price) {
  return {{"device", price.device},
          {"tier", cost::name_of(price.tier)},
          {"usd_per_device_hour",
           usd(price.purchase ? std::nullopt : std::optional(price.per_device * Seconds(3600)))},
          {"usd_per_device", usd(price.purchase)},
          {"provider", price.provider},
          {"offer", price.offer},
          {"region", price.region},
          {"as_of", price.as_of},
          {"source", price.source},
          {"note", text_or_null(price.note)}};
}

}  // namespace

std::string show_devices(const std::vector<DeviceProfile>& devices, const cost::PriceBook& prices,
                         Form form) {
  Table table{.columns = {{"device", Align::left},
                          {"kind", Align::left},
                          {"memory"},
                          {"bandwidth"},
                          {"bf16"},
                          {"fp8"},
                          {"int8"},
                          {"TDP"},
                          {"USD/h"}}};
  Sheet sheet{.page = {.title = fmt::format("{} devices, prices on demand from book '{}'", devices.size(),
                                            prices.name())},
              .document = {{"schema", "mtok.show/1"}, {"devices", Json::array()}},
              .rows = "devices"};
  for (const DeviceProfile& device : devices) {
    table.rows.push_back(device_row(device, prices));
    sheet.document["devices"].push_back(device_json(device, prices));
  }
  sheet.page.sections = {{.blocks = {table}}};
  return text_of(sheet, form);
}

std::string show_device(const DeviceProfile& device, const cost::PriceBook& prices, Form form) {
  Sheet sheet{.page = {.title = device.name}, .document = {{"schema", "mtok.show/1"}}};
  sheet.document.update(device_json(device, prices));
  const Facts facts{{{"vendor", device.vendor},
                     {"architecture", device.architecture},
                     {"kind", kind_of(device)},
                     {"released", device.released},
                     {"calibration", calibration_of(device)},
                     {"memory", units::to_text(device.memory)},
                     {"bandwidth", units::to_text(device.memory_bandwidth)},
                     {"power", units::to_text(device.tdp)},
                     {"scale-up", scale_up_of(device)}}};
  sheet.page.sections = {{.blocks = {facts}},
                         peaks_of(device),
                         offers_of(device.name, prices),
                         {.title = "Sources", .blocks = {lines_of(device.source)}}};
  if (!device.notes.empty()) {
    sheet.page.sections.push_back({.title = "Notes", .blocks = {lines_of(device.notes)}});
  }
  return text_of(sheet, form);
}

std::string show_prices(const cost::PriceBook& prices, Form form) {
  Table table{.columns = {{"device", Align::left},
                          {"tier", Align::left},
                          {"USD/h"},
                          {"provider", Align::left},
                          {"offer", Align::left},
                          {"region", Align::left},
                          {"as of", Align::left}}};
  Sheet sheet{.page = {.title = fmt::format("Price book '{}': {} offers, a device and hour, host included",
                                            prices.name(), prices.prices().size())},
              .document = {{"schema", "mtok.show/1"}, {"book", prices.name()}, {"prices", Json::array()}},
              .rows = "prices"};
  for (const cost::Price& price : prices.prices()) {
    table.rows.push_back(
        {price.device, std::string(cost::name_of(price.tier)),
         price.purchase ? dollars(*price.purchase) + " to buy" : dollars(price.per_device * Seconds(3600)),
         price.provider, price.offer, price.region, price.as_of});
    sheet.document["prices"].push_back(price_json(price));
  }
  sheet.page.sections = {{.blocks = {table}}};
  return text_of(sheet, form);
}

std::string show_frameworks(const std::vector<hardware::FrameworkProfile>& frameworks, Form form) {
  Table table{.columns = {{"framework", Align::left},
                          {"version", Align::left},
                          {"a step"},
                          {"a sequence"},
                          {"reserve"},
                          {"memory share"},
                          {"sequences"},
                          {"tokens a step"},
                          {"block"}}};
  Sheet sheet{.page = {.title = fmt::format("{} frameworks", frameworks.size())},
              .document = {{"schema", "mtok.show/1"}, {"frameworks", Json::array()}},
              .rows = "frameworks"};
  for (const hardware::FrameworkProfile& f : frameworks) {
    table.rows.push_back({f.name, f.version, units::to_text(f.step_overhead),
                          units::to_text(f.sequence_overhead), units::to_text(f.activation_memory),
                          percent(f.memory_fraction), grouped(f.max_num_seqs),
                          grouped(f.max_num_batched_tokens), grouped(f.block_size)});
    sheet.document["frameworks"].push_back({{"name", f.name},
                                            {"version", f.version},
                                            {"step_overhead_s", number(f.step_overhead.base())},
                                            {"sequence_overhead_s", number(f.sequence_overhead.base())},
                                            {"eager_layer_s", number(f.eager_layer.base())},
                                            {"eager_kernel_s", number(f.eager_kernel.base())},
                                            {"request_overhead_s", number(f.request_overhead.base())},
                                            {"activation_memory_bytes", bytes(f.activation_memory)},
                                            {"memory_fraction", number(f.memory_fraction)},
                                            {"max_num_seqs", f.max_num_seqs},
                                            {"max_num_batched_tokens", f.max_num_batched_tokens},
                                            {"block_size", f.block_size},
                                            {"output_reserve", number(f.output_reserve)},
                                            {"host_hidden", number(f.host_hidden)},
                                            {"mixed_batches", f.mixed_batches},
                                            {"source", f.source}});
  }
  sheet.page.sections = {{.blocks = {table}}};
  return text_of(sheet, form);
}

}  // namespace mtok::report
