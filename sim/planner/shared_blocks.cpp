// Reads the blocks that scenarios and plans share.
#include "sim/planner/shared_blocks.hpp"

#include <array>

#include "sim/planner/default_formats.hpp"

namespace mtok::planner {
namespace {

namespace fs = std::filesystem;
using config::Choice;
using config::Reader;
using kernel::NumberFormat;

std::vector<Choice<NumberFormat>> format_words() {
  std::vector<Choice<NumberFormat>> words;
  for (const kernel::NamedFormat& entry : kernel::kNumberFormats) {
    words.emplace_back(entry.name, entry.format);
  }
  return words;
}

constexpr std::array<Choice<std::optional<workload::TraceFormat>>, 8> kTraceFormats{
    {{"auto", std::nullopt},
     {"mtok", workload::TraceFormat::mtok},
     {"azure", workload::TraceFormat::azure},
     {"burstgpt", workload::TraceFormat::burstgpt},
     {"vidur", workload::TraceFormat::vidur},
     {"mooncake", workload::TraceFormat::mooncake},
     {"qwen", workload::TraceFormat::qwen},
     {"llmservingsim", workload::TraceFormat::llmservingsim}}};
constexpr std::array<Choice<engine::Load::Kind>, 2> kLoads{
    {{"open", engine::Load::Kind::open}, {"offline", engine::Load::Kind::offline}}};

void read_load(Reader& reader, const BlockSite& site, engine::Load& load) {
  if (!reader.has("load")) {
    site.defaults->push_back(
        {.key = site.key + ".load", .value = "open", .source = std::string(kDefaultSource)});
  } else if (reader.is_mapping("load")) {
    Reader mapping = reader.mapping("load");
    Reader closed = mapping.mapping("closed");
    load = {.kind = engine::Load::Kind::closed,
            .concurrency = closed.integer("concurrency", {.least = 1, .most = 1'000'000})};
    closed.done();
    mapping.done();
  } else {
    load.kind = reader.choice<engine::Load::Kind>("load", kLoads);
  }
}

void read_trace(Reader& reader, const BlockSite& site, WorkloadChoice& workload) {
  const std::string path = reader.text("trace");
  if (site.trace) {
    return;  // the caller has named another one
  }
  try {
    const fs::path resolved = config::resolve_inside(site.folder, path, {.file = reader.file()});
    std::error_code error;
    if (!fs::is_regular_file(resolved, error)) {
      reader.fail("trace", "no file '" + path + "'", "a relative path starts at the folder of the scenario");
      return;
    }
    workload.trace = resolved;
  } catch (const config::Error& error) {
    const config::Diagnostic& first = error.diagnostics().front();
    reader.fail("trace", first.message, first.hint);
  }
}

}  // namespace

WorkloadChoice read_workload(Reader& root, const BlockSite& site) {
  Reader reader = root.mapping(site.key);
  WorkloadChoice workload;
  workload.trace_options.format =
      reader.choice_or<std::optional<workload::TraceFormat>>("format", std::nullopt, kTraceFormats);
  workload.trace_options.hash_block_size =
      reader.integer_or("hash_block_size", 0, {.least = 1, .most = 1 << 20});
  workload.trace_options.limit = reader.integer_or("limit", 0, config::kAtLeastOne);
  workload.trace_options.rate_scale = reader.number_or("rate_scale", 1, config::kPositive);
  read_load(reader, site, workload.load);
  if (const std::optional<Reader> synthetic = reader.find_mapping("synthetic")) {
    workload.synthetic = workload::read_synthetic(*synthetic);
  }
  if (reader.has("trace")) {
    read_trace(reader, site, workload);
  }
  if (site.trace) {
    workload.trace = site.trace;
    workload.synthetic.reset();
  } else if (reader.has("trace") == reader.has("synthetic") && reader.ok()) {
    root.fail(site.key, "give either 'trace' or 'synthetic'");
  }
  reader.done();
  return workload;
}

kernel::Formats FormatChoice::on(NumberFormat checkpoint, const hardware::DeviceProfile& device,
                                 std::vector<Assumption>* defaults) const {
  const DefaultFormat stored = default_weights(checkpoint, device);
  const NumberFormat held = weights.value_or(stored.format);
  const DefaultFormat multiplied = default_activations(held, checkpoint, device);
  const auto take = [defaults](std::string_view key, std::optional<NumberFormat> stated,
                               const DefaultFormat& otherwise) {
    if (!stated && defaults != nullptr) {
      defaults->push_back({.key = "formats." + std::string(key),
                           .value = std::string(kernel::name_of(otherwise.format)),
                           .source = otherwise.reason});
    }
    return stated.value_or(otherwise.format);
  };
  kernel::Formats formats;
  formats.weights = take("weights", weights, stored);
  formats.activations = take("activations", activations, multiplied);
  formats.kv_cache =
      take("kv_cache", kv_cache, {.format = sixteen_bits_on(device), .reason = std::string(kDefaultSource)});
  return formats;
}

FormatChoice read_formats(Reader& reader) {
  const std::vector<Choice<NumberFormat>> words = format_words();
  FormatChoice choice;
  const auto format = [&](std::string_view key, std::optional<NumberFormat>& value) {
    if (reader.has(key)) {
      value = reader.choice<NumberFormat>(key, words);
    }
  };
  format("weights", choice.weights);
  format("activations", choice.activations);
  format("kv_cache", choice.kv_cache);
  reader.done();
  return choice;
}

engine::Slo read_slo(Reader& root) {
  engine::Slo slo;
  std::optional<Reader> reader = root.find_mapping("slo");
  if (!reader) {
    return slo;
  }
  const auto promise = [&](std::string_view key, std::optional<Seconds>& value) {
    if (reader->has(key)) {
      value = Seconds(reader->number(key, config::kPositive) * 1e-3);
    }
  };
  promise("ttft_p99_ms", slo.ttft_p99);
  promise("tpot_p99_ms", slo.tpot_p99);
  promise("e2e_p99_ms", slo.e2e_p99);
  reader->done();
  return slo;
}

}  // namespace mtok::planner
