// Reads the catalogue into sheets.
#include "app/gui/models/catalogue_sheets.hpp"

#include "app/gui/models/number_text.hpp"
#include "app/report/text.hpp"
#include "sim/config/diagnostic.hpp"
#include "sim/cost/price_book.hpp"
#include "sim/model/architecture.hpp"
#include "sim/model/footprint.hpp"
#include "sim/units/text.hpp"

namespace mtok::gui {
namespace {

std::vector<Cell> model_row(const std::string& name, const model::Architecture& model) {
  const model::ParameterCount size = model::count_parameters(model);
  const Bytes kv = model::kv_bytes_per_token(model, kernel::NumberFormat::bf16) * Tokens(1);
  const auto parameters = [](std::int64_t count) {
    return number_cell(QString::fromStdString(report::parameters(count)), static_cast<double>(count));
  };
  return {{.text = QString::fromStdString(name),
           .tone = Tone::strong,
           .tip = QString::fromStdString(model.source)},
          parameters(size.total),
          parameters(size.active),
          number_cell(QString::fromStdString(units::to_text(kv)), kv.base()),
          number_cell(count_text(model.layers()), static_cast<double>(model.layers())),
          number_cell(count_text(model.max_position_embeddings),
                      static_cast<double>(model.max_position_embeddings)),
          {.text = QString::fromStdString(std::string(kernel::name_of(model.checkpoint_format)))}};
}

Cell peak_cell(const hardware::DeviceProfile& device, kernel::NumberFormat format) {
  const auto found = device.peak.find(format);
  return found == device.peak.end()
             ? Cell{.text = no_number(), .tone = Tone::muted}
             : number_cell(QString::fromStdString(units::to_text(found->second)), found->second.base());
}

std::vector<Cell> device_row(const std::string& name, const hardware::DeviceProfile& device,
                             const cost::PriceBook& prices) {
  const auto price = prices.find(device.name, cost::Tier::on_demand);
  Cell hour{.text = no_number(), .tone = Tone::muted};
  if (price) {
    const Usd amount = price->per_device * Seconds(3600);
    hour = number_cell(dollars_text(amount), amount.base(), QString::fromStdString(price->source));
  }
  return {{.text = QString::fromStdString(name),
           .tone = Tone::strong,
           .tip = QString::fromStdString(device.source)},
          number_cell(QString::fromStdString(units::to_text(device.memory)), device.memory.base()),
          number_cell(QString::fromStdString(units::to_text(device.memory_bandwidth)),
                      device.memory_bandwidth.base()),
          peak_cell(device, kernel::NumberFormat::bf16),
          peak_cell(device, kernel::NumberFormat::fp8),
          peak_cell(device, kernel::NumberFormat::int8),
          number_cell(QString::fromStdString(units::to_text(device.tdp)), device.tdp.base()),
          hour,
          {.text = device.fitted ? QStringLiteral("measured") : QStringLiteral("data sheet"),
           .tip = QStringLiteral("Whether constants were fitted to measurements of this device")}};
}

}  // namespace

Sheet models_sheet(const planner::Catalogue& catalogue) {
  Sheet sheet{.columns = {{.title = QStringLiteral("Model")},
                          {.title = QStringLiteral("Parameters"), .number = true},
                          {.title = QStringLiteral("active"), .number = true},
                          {.title = QStringLiteral("KV a token, bf16"), .number = true},
                          {.title = QStringLiteral("Layers"), .number = true},
                          {.title = QStringLiteral("Context"), .number = true},
                          {.title = QStringLiteral("Published in")}}};
  for (const std::string& name : catalogue.models()) {
    const auto found = catalogue.find_model(name, {});
    try {
      if (found.file) {
        sheet.rows.push_back(model_row(name, model::load_architecture(*found.file)));
      }
    } catch (const config::Error&) {
      continue;  // whoever chooses it by name is told what is wrong with it
    }
  }
  return sheet;
}

Sheet devices_sheet(const planner::Catalogue& catalogue) {
  Sheet sheet{.columns = {{.title = QStringLiteral("Device")},
                          {.title = QStringLiteral("Memory"), .number = true},
                          {.title = QStringLiteral("Bandwidth"), .number = true},
                          {.title = QStringLiteral("bf16"), .number = true},
                          {.title = QStringLiteral("fp8"), .number = true},
                          {.title = QStringLiteral("int8"), .number = true},
                          {.title = QStringLiteral("TDP"), .number = true},
                          {.title = QStringLiteral("USD/h"), .number = true},
                          {.title = QStringLiteral("Constants")}}};
  const auto book = catalogue.find_price_book("default", {});
  if (!book.file) {
    return sheet;
  }
  const cost::PriceBook prices = cost::PriceBook::load(*book.file);
  for (const std::string& name : catalogue.devices()) {
    const auto found = catalogue.find_device(name, {});
    try {
      if (found.file) {
        sheet.rows.push_back(device_row(name, catalogue.device(*found.file), prices));
      }
    } catch (const config::Error&) {
      continue;  // whoever chooses it by name is told what is wrong with it
    }
  }
  return sheet;
}

}  // namespace mtok::gui
