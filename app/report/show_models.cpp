// Shows models: how large they are, and what one token of context takes.
#include <fmt/format.h>

#include "app/report/sheet.hpp"
#include "app/report/show_report.hpp"
#include "app/report/text.hpp"
#include "sim/model/footprint.hpp"
#include "sim/units/text.hpp"

namespace mtok::report {
namespace {

using kernel::NumberFormat;
using model::Architecture;

/// The formats that weights and cache can be stored in.
std::vector<kernel::NamedFormat> storage_formats() {
  std::vector<kernel::NamedFormat> formats;
  for (const kernel::NamedFormat& entry : kernel::kNumberFormats) {
    if (entry.format != NumberFormat::tf32) {  // a format of multipliers only
      formats.push_back(entry);
    }
  }
  return formats;
}

Bytes kv_of_one_token(const Architecture& model, NumberFormat format) {
  return model::kv_bytes_per_token(model, format) * Tokens(1);
}

Json model_json(const Architecture& model) {
  const model::ParameterCount size = model::count_parameters(model);
  Json json{{"name", model.name},
            {"model_type", model.model_type},
            {"layers", model.layers()},
            {"max_position_embeddings", model.max_position_embeddings},
            {"checkpoint_format", kernel::name_of(model.checkpoint_format)},
            {"parameters_total", size.total},
            {"parameters_active", size.active},
            {"state_bytes_per_sequence", bytes(model::state_bytes_per_sequence_per_device(model, {}))}};
  for (const kernel::NamedFormat& entry : storage_formats()) {
    json["kv_bytes_per_token"][std::string(entry.name)] = bytes(kv_of_one_token(model, entry.format));
    json["weights_bytes"][std::string(entry.name)] = bytes(model::weight_bytes(model, entry.format));
  }
  json["source"] = text_or_null(model.published.source);
  return json;
}

std::vector<std::string> model_row(const Architecture& model) {
  const model::ParameterCount size = model::count_parameters(model);
  return {model.name,
          parameters(size.total),
          parameters(size.active),
          grouped(model.layers()),
          units::to_text(kv_of_one_token(model, NumberFormat::bf16)),
          units::to_text(model::weight_bytes(model, model.checkpoint_format)),
          std::string(kernel::name_of(model.checkpoint_format)),
          grouped(model.max_position_embeddings)};
}

}  // namespace

std::string show_models(const std::vector<Architecture>& models, Form form) {
  Table table{.columns = {{"model", Align::left},
                          {"parameters"},
                          {"active"},
                          {"layers"},
                          {"KV a token, bf16"},
                          {"weights"},
                          {"as", Align::left},
                          {"context"}}};
  Sheet sheet{.page = {.title = fmt::format("{} models", models.size())},
              .document = {{"schema", "mtok.show/1"}, {"models", Json::array()}},
              .rows = "models"};
  for (const Architecture& model : models) {
    table.rows.push_back(model_row(model));
    sheet.document["models"].push_back(model_json(model));
  }
  sheet.page.sections = {{.blocks = {table}}};
  return text_of(sheet, form);
}

std::string show_model(const Architecture& model, Form form) {
  const model::ParameterCount size = model::count_parameters(model);
  Sheet sheet{.page = {.title = model.name}, .document = {{"schema", "mtok.show/1"}}};
  sheet.document.update(model_json(model));
  const Facts facts{
      {{"type", model.model_type},
       {"parameters", fmt::format("{} ({})", parameters(size.total), grouped(size.total))},
       {"active", fmt::format("{} ({})", parameters(size.active), grouped(size.active))},
       {"layers", grouped(model.layers())},
       {"state a sequence", units::to_text(model::state_bytes_per_sequence_per_device(model, {}))},
       {"context", grouped(model.max_position_embeddings) + " tokens"},
       {"checkpoint", std::string(kernel::name_of(model.checkpoint_format))},
       {"source", model.published.source}}};
  Table table{.columns = {{"format", Align::left}, {"weights"}, {"KV cache a token"}}};
  for (const kernel::NamedFormat& entry : storage_formats()) {
    table.rows.push_back({std::string(entry.name), units::to_text(model::weight_bytes(model, entry.format)),
                          units::to_text(kv_of_one_token(model, entry.format))});
  }
  sheet.page.sections = {{.blocks = {facts}}, {.title = "Size by number format", .blocks = {table}}};
  return text_of(sheet, form);
}

}  // namespace mtok::report
