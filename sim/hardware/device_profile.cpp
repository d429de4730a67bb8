// Device profiles from YAML, completed with the default efficiency of their kind and architecture.
#include "sim/hardware/device_profile.hpp"

#include <fmt/format.h>

#include <array>
#include <utility>

#include "sim/config/reader.hpp"

namespace mtok::hardware {
namespace {

using config::Choice;
using config::Reader;

constexpr std::array<Choice<DeviceKind>, 3> kKinds{
    {{"gpu", DeviceKind::gpu}, {"tpu", DeviceKind::tpu}, {"cpu", DeviceKind::cpu}}};
constexpr std::array<Choice<Link::Topology>, 4> kTopologies{{{"pcie", Link::Topology::pcie},
                                                             {"switched", Link::Topology::switched},
                                                             {"mesh", Link::Topology::mesh},
                                                             {"torus", Link::Topology::torus}}};
constexpr config::Range kShare{.least = 1e-3, .most = 1};

// In base units. No device comes near these bounds: a number beyond them is a slip in its unit, and with it
// one step would last longer than the clock of a run reaches.
constexpr config::Range kPeak{.least = 1e9, .most = 1e21};
constexpr config::Range kCapacity{.least = 1e6, .most = 1e16};
constexpr config::Range kBandwidth{.least = 1e6, .most = 1e18};
constexpr config::Range kLatency{.least = 1e-12, .most = 1};
constexpr config::Range kFloor{.least = 0, .most = 1};
constexpr config::Range kRampBytes{.least = 0, .most = 1e12};
constexpr config::Range kCount{.least = 0, .most = 1e9};
constexpr config::Range kWatts{.least = 1e-3, .most = 1e6};
constexpr config::IntRange kUnits{.least = 1, .most = 1 << 24};
constexpr config::IntRange kTileSide{.least = 1, .most = 1 << 16};

std::string_view name_of(DeviceKind kind) {
  for (const auto& [name, value] : kKinds) {
    if (value == kind) {
      return name;
    }
  }
  return "";
}

/// Adds "group: source" as a line.
void add_source(DeviceProfile& profile, std::string_view group, Reader& reader) {
  profile.source += fmt::format("{}{}: {}", profile.source.empty() ? "" : "\n", group, reader.text("source"));
}

/// Keys are number formats.
template <class Q, class Get>
std::map<kernel::NumberFormat, Q> by_format(Reader reader, const Get& get) {
  std::map<kernel::NumberFormat, Q> values;
  for (const std::string& key : reader.keys()) {
    if (const auto format = kernel::format_named(key)) {
      values[*format] = get(reader, key);
    }
  }
  reader.done();  // names the keys that are no formats
  return values;
}

/// Sets the values of `given`, keeps the others.
template <class Q>
void replace_in(std::map<kernel::NumberFormat, Q>& values, const std::map<kernel::NumberFormat, Q>& given) {
  for (const auto& [format, value] : given) {
    values[format] = value;
  }
}

std::map<kernel::NumberFormat, double> shares_in(Reader reader, config::Range range) {
  return by_format<double>(std::move(reader), [range](Reader& shares, const std::string& format) {
    return shares.number(format, range);
  });
}

void read_compute(DeviceProfile& profile, Reader compute) {
  profile.compute_units = compute.integer("units", kUnits);
  profile.peak = by_format<FlopsPerSecond>(
      compute.mapping("peak"),
      [](Reader& peak, const std::string& format) { return peak.quantity<FlopsPerSecond>(format, kPeak); });
  if (profile.peak.empty()) {
    compute.fail("peak", "expected the peak rate of at least one number format");
  }
  if (profile.kind == DeviceKind::gpu) {
    Reader tile = compute.mapping("tile");
    profile.tile_m = tile.integer("m", kTileSide);
    profile.tile_n = tile.integer("n", kTileSide);
    tile.done();
  }
  if (profile.kind == DeviceKind::tpu) {
    Reader array = compute.mapping("array");
    profile.array_rows = array.integer("rows", kTileSide);
    profile.array_columns = array.integer("columns", kTileSide);
    array.done();
  }
  add_source(profile, "compute", compute);
  compute.done();
}

void read_memory(DeviceProfile& profile, Reader memory) {
  memory.ignore("type");  // "HBM3", for the reader of the file
  profile.memory = memory.quantity<Bytes>("capacity", kCapacity);
  profile.memory_bandwidth = memory.quantity<BytesPerSecond>("bandwidth", kBandwidth);
  add_source(profile, "memory", memory);
  memory.done();
}

void read_caches(DeviceProfile& profile, Reader caches) {
  for (Reader level : caches.mappings("levels")) {
    profile.caches.push_back({.name = level.text("name"),
                              .capacity = level.quantity<Bytes>("capacity"),
                              .bandwidth = level.quantity<BytesPerSecond>("bandwidth", kBandwidth)});
    level.done();
  }
  add_source(profile, "caches", caches);
  caches.done();
}

Link read_link(Reader link) {
  Link result{.name = link.text("name"),
              .topology = link.choice<Link::Topology>("topology", kTopologies),
              .bandwidth = link.quantity<BytesPerSecond>("bandwidth", kBandwidth),
              .latency = link.quantity<Seconds>("latency", kLatency),
              .domain = link.integer_or("domain", 1, config::kAtLeastOne),
              .links = link.integer_or("links", 1, config::kAtLeastOne),
              .contention = link.number_or("contention", 0, {.least = 0, .most = 3}),
              .in_network_reduction = link.flag_or("in_network_reduction", false)};
  link.done();
  return result;
}

void read_links(DeviceProfile& profile, Reader links) {
  if (const auto link = links.find_mapping("scale_up")) {
    profile.scale_up = read_link(*link);
  }
  if (const auto link = links.find_mapping("scale_out")) {
    profile.scale_out = read_link(*link);
  }
  profile.host_link = links.quantity<BytesPerSecond>("host", kBandwidth);
  add_source(profile, "links", links);
  links.done();
}

void read_power(DeviceProfile& profile, Reader power) {
  profile.tdp = power.quantity<Watts>("tdp", kWatts);
  profile.idle_power_fraction = power.number("idle_fraction", config::kFraction);
  add_source(profile, "power", power);
  power.done();
}

/// Every key of the block replaces the value of `base`. Needs a source, like every block.
Efficiency read_efficiency(Reader block, Efficiency base) {
  base.peak_fraction = block.number_or("peak_fraction", base.peak_fraction, kShare);
  if (auto formats = block.find_mapping("peak_fraction_of")) {
    replace_in(base.peak_fraction_of, shares_in(*formats, kShare));
  }
  if (auto formats = block.find_mapping("dequantize_fraction_of")) {
    replace_in(base.dequantize_fraction_of, shares_in(*formats, kShare));
  }
  base.bandwidth_fraction = block.number_or("bandwidth_fraction", base.bandwidth_fraction, kShare);
  base.half_bandwidth = block.quantity_or<Bytes>("half_bandwidth", base.half_bandwidth, kRampBytes);
  base.grouped_fraction = block.number_or("grouped_fraction", base.grouped_fraction, kShare);
  if (auto formats = block.find_mapping("grouped_fraction_of")) {
    replace_in(base.grouped_fraction_of, shares_in(*formats, kShare));
  }
  base.grouped_bandwidth = block.number_or("grouped_bandwidth", base.grouped_bandwidth, kShare);
  if (auto formats = block.find_mapping("unpack_rows_of")) {
    constexpr config::Range kRows{.least = 0, .most = 64};
    replace_in(base.unpack_rows_of, shares_in(*formats, kRows));
  }
  base.elementwise_fraction = block.number_or("elementwise_fraction", base.elementwise_fraction, kShare);
  base.attention_fraction = block.number_or("attention_fraction", base.attention_fraction, kShare);
  if (auto formats = block.find_mapping("attention_fraction_of")) {
    constexpr config::Range kShareOfSixteenBit{.least = 1e-3, .most = 4};
    replace_in(base.attention_fraction_of, shares_in(*formats, kShareOfSixteenBit));
  }
  base.attention_prologue = block.number_or("attention_prologue", base.attention_prologue, kCount);
  base.softmax_flops = block.quantity_or<Flops>("softmax_flops", base.softmax_flops, kCount);
  base.link_fraction = block.number_or("link_fraction", base.link_fraction, kShare);
  base.reduction_fraction = block.number_or("reduction_fraction", base.reduction_fraction, kShare);
  base.overlap = block.number_or("overlap", base.overlap, config::kFraction);
  base.cache_fraction = block.number_or("cache_fraction", base.cache_fraction, kShare);
  if (auto formats = block.find_mapping("cache_fraction_of")) {
    replace_in(base.cache_fraction_of, shares_in(*formats, kShare));
  }
  base.cache_ramp = block.quantity_or<Bytes>("cache_ramp", base.cache_ramp, kRampBytes);
  if (auto floors = block.find_mapping("kernel_floor_of")) {
    replace_in(base.kernel_floor_of,
               by_format<Seconds>(*floors, [](Reader& reader, const std::string& format) {
                 return reader.quantity<Seconds>(format, kFloor);
               }));
  }
  base.kernel_floor = block.quantity_or<Seconds>("kernel_floor", base.kernel_floor, kFloor);
  base.grouped_floor = block.quantity_or<Seconds>("grouped_floor", base.grouped_floor, kFloor);
  base.expert_floor = block.quantity_or<Seconds>("expert_floor", base.expert_floor, kFloor);
  base.attention_floor = block.quantity_or<Seconds>("attention_floor", base.attention_floor, kFloor);
  base.collective_floor = block.quantity_or<Seconds>("collective_floor", base.collective_floor, kFloor);
  return base;
}

/// Fitted values and how they came about; they replace those of `profile.efficiency`.
void read_fitted(DeviceProfile& profile, Reader block) {
  const Efficiency unfitted = profile.efficiency;
  profile.efficiency = read_efficiency(block, unfitted);
  Fit fit{.data = block.text("data"),
          .rows = block.integer("rows", config::kAtLeastOne),
          .error = block.number("error", config::kNotNegative),
          .judged_error = block.has("judged_error")
                              ? std::optional(block.number("judged_error", config::kNotNegative))
                              : std::nullopt,
          .unfitted = unfitted};
  profile.source += fmt::format("\nfitted: {}", fit.data);
  profile.fitted = std::move(fit);
  block.done();
}

/// The block of the architecture, or `other` of the kind where it has none of its own. Appends its source.
void read_default_efficiency(DeviceProfile& profile, const std::filesystem::path& path) {
  config::Document document = config::Document::load(path);
  Reader kind = document.root().mapping(name_of(profile.kind));
  const bool known = kind.has(profile.architecture);
  const std::string key = known ? profile.architecture : "other";
  Reader block = kind.mapping(key);
  static constexpr std::array<std::string_view, 6> kRequired{{"peak_fraction", "bandwidth_fraction",
                                                              "attention_fraction", "link_fraction",
                                                              "kernel_floor", "collective_floor"}};
  for (const std::string_view required : kRequired) {
    if (!block.has(required)) {
      block.fail(required, fmt::format("{}: missing", block.path_of(required)));
    }
  }
  profile.efficiency = read_efficiency(block, {.overlap = 1});
  add_source(profile, fmt::format("efficiency of {}", key), block);
  block.done();
  document.finish();
}

}  // namespace

std::string comparable_name(std::string_view name) {
  std::string text;
  for (const char sign : name) {
    const bool upper = sign >= 'A' && sign <= 'Z';
    const bool kept =
        upper || (sign >= 'a' && sign <= 'z') || (sign >= '0' && sign <= '9') || sign == '.' || sign == '+';
    if (kept) {
      text += upper ? static_cast<char>(sign - 'A' + 'a') : sign;
    } else if (!text.empty() && text.back() != '-') {
      text += '-';
    }
  }
  for (const std::string_view mark : {"-r-", "-tm-"}) {
    for (std::size_t at = text.find(mark); at != std::string::npos; at = text.find(mark)) {
      text.replace(at, mark.size(), "-");
    }
  }
  static constexpr std::array<std::string_view, 8> kVendorWords{
      {"cpu-", "nvidia-", "amd-", "intel-", "google-", "cloud-", "tesla-", "geforce-"}};
  for (bool again = true; again;) {
    again = false;
    for (const std::string_view word : kVendorWords) {
      if (text.starts_with(word)) {
        text.erase(0, word.size());
        again = true;
      }
    }
  }
  if (text.ends_with('-')) {
    text.pop_back();
  }
  return text;
}

DeviceProfile load_device(const std::filesystem::path& path, const std::filesystem::path& defaults) {
  config::Document document = config::Document::load(path);
  Reader root = document.root();
  DeviceProfile profile;
  profile.name = root.text("name");
  if (root.has("aliases")) {
    profile.aliases = root.texts("aliases");
  }
  profile.vendor = root.text("vendor");
  profile.architecture = root.text("architecture");
  profile.kind = root.choice<DeviceKind>("kind", kKinds);
  profile.released = root.text("released");
  profile.notes = root.text_or("notes", "");
  read_compute(profile, root.mapping("compute"));
  read_memory(profile, root.mapping("memory"));
  if (auto caches = root.find_mapping("caches")) {
    read_caches(profile, *caches);
  }
  read_links(profile, root.mapping("links"));
  read_power(profile, root.mapping("power"));
  if (root.ok()) {
    read_default_efficiency(profile, defaults);
  }
  if (auto efficiency = root.find_mapping("efficiency")) {
    profile.efficiency = read_efficiency(*efficiency, profile.efficiency);
    add_source(profile, "efficiency of this device", *efficiency);
    efficiency->done();
  }
  if (auto fitted = root.find_mapping("fitted")) {
    read_fitted(profile, *fitted);
  }
  root.done();
  document.finish();
  return profile;
}

}  // namespace mtok::hardware
