// Rows of GEMMs, attention, fused experts and collectives as kernels.
#include "sim/validation/kernel_rows.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <initializer_list>
#include <string_view>

#include "sim/model/expert_routing.hpp"

namespace mtok::validation {
namespace {

using kernel::NumberFormat;

/// What a file calls a pair of formats.
struct Dtype {
  std::string_view name;
  NumberFormat weights;
  NumberFormat activations;
};
constexpr std::array<Dtype, 24> kDtypes{{
    {"bfloat16", NumberFormat::bf16, NumberFormat::bf16},
    {"bf16", NumberFormat::bf16, NumberFormat::bf16},
    {"float16", NumberFormat::fp16, NumberFormat::fp16},
    {"fp16", NumberFormat::fp16, NumberFormat::fp16},
    {"half", NumberFormat::fp16, NumberFormat::fp16},
    {"float32", NumberFormat::fp32, NumberFormat::fp32},
    {"fp32", NumberFormat::fp32, NumberFormat::fp32},
    {"fp8", NumberFormat::fp8, NumberFormat::fp8},
    {"fp8_e4m3", NumberFormat::fp8, NumberFormat::fp8},
    {"fp8_block", NumberFormat::fp8_block, NumberFormat::fp8_block},
    {"nvfp4", NumberFormat::nvfp4, NumberFormat::nvfp4},
    {"mxfp4", NumberFormat::mxfp4, NumberFormat::mxfp4},
    {"int8", NumberFormat::int8, NumberFormat::int8},
    {"sq", NumberFormat::int8, NumberFormat::int8},  // SmoothQuant
    {"w8a8", NumberFormat::int8, NumberFormat::int8},
    {"int8_wo", NumberFormat::int8, NumberFormat::bf16},  // weight only
    {"w8a16", NumberFormat::int8, NumberFormat::bf16},
    {"int4_wo", NumberFormat::int4, NumberFormat::bf16},
    {"w4a16", NumberFormat::int4, NumberFormat::bf16},
    {"w4afp8", NumberFormat::int4, NumberFormat::fp8},
    {"w4a16_mxfp4", NumberFormat::mxfp4, NumberFormat::bf16},
    {"w4a8_mxfp4_mxfp8", NumberFormat::mxfp4, NumberFormat::fp8},
    {"w4a8_mxfp4_fp8", NumberFormat::mxfp4, NumberFormat::fp8},
    {"fp4", NumberFormat::nvfp4, NumberFormat::nvfp4},
}};

const Dtype* dtype_named(std::string_view name) {
  for (const Dtype& dtype : kDtypes) {
    if (dtype.name == name) {
      return &dtype;
    }
  }
  return nullptr;
}

double real(std::int64_t n) {
  return static_cast<double>(n);
}

void refuse(KernelRow& row, std::string why) {
  row.outcome.unsupported = std::move(why);
}

/// The formats of a column, or a refused row.
const Dtype* dtype_in(const Table& table, std::string_view column, KernelRow& row) {
  const Dtype* const dtype = dtype_named(table.cell(column));
  if (dtype == nullptr) {
    refuse(row, fmt::format("no number format for {} '{}'", column, table.cell(column)));
  }
  return dtype;
}

/// A count of at least 1, or a refused row and 0.
std::int64_t count_in(const Table& table, std::string_view column, KernelRow& row) {
  const std::int64_t count = table.integer(column, 0);
  if (count < 1) {
    refuse(row, fmt::format("{} is not stated or less than 1", column));
    return 0;
  }
  return count;
}

constexpr std::int64_t kFewTokens = 16;  // below, GEMMs wait for their weights: judged apart

void read_gemm(const Table& table, KernelRow& row) {
  const std::int64_t m = count_in(table, "m", row);
  const std::int64_t n = count_in(table, "n", row);
  const std::int64_t k = count_in(table, "k", row);
  const Dtype* const dtype = dtype_in(table, "dtype", row);
  row.outcome.family = fmt::format("gemm {} {}", table.cell("dtype"), m < kFewTokens ? "m < 16" : "m >= 16");
  row.outcome.series = fmt::format("{} x {}", n, k);
  row.shape = fmt::format("gemm {} {}", n, k);
  if (row.outcome.unsupported.empty()) {
    row.kernels.emplace_back(
        kernel::Gemm{.m = m, .n = n, .k = k, .weights = dtype->weights, .activations = dtype->activations});
  }
}

/// The new tokens are the last of the context: q tokens over kv see q (kv - q) + q (q + 1) / 2 keys.
void read_attention(const Table& table, KernelRow& row) {
  const std::string& phase = table.cell("phase");
  const std::int64_t batch = count_in(table, "batch", row);
  const std::int64_t q = count_in(table, "q_len", row);
  const std::int64_t kv = std::max(table.integer("kv_len", 0), q);
  const std::int64_t heads = count_in(table, "n_heads", row);
  const std::int64_t kv_heads = count_in(table, "n_kv_heads", row);
  const std::int64_t dim = count_in(table, "head_dim", row);
  const Dtype* const compute = dtype_in(table, "attn_dtype", row);
  const Dtype* const cache = dtype_in(table, "kv_dtype", row);
  row.outcome.family =
      fmt::format("attention {} {}/{}", phase, table.cell("attn_dtype"), table.cell("kv_dtype"));
  row.shape = fmt::format("attention {} {} {}", heads, dim, kv);
  if (phase != "prefill" && phase != "decode") {
    refuse(row, "phase is neither prefill nor decode");
  }
  if (!row.outcome.unsupported.empty()) {
    return;
  }
  const double pairs = real(q) * real(kv - q) + real(q) * real(q + 1) / 2;
  row.kernels.emplace_back(kernel::Attention{
      .phase = phase == "decode" ? kernel::Phase::decode : kernel::Phase::prefill,
      .sequences = batch,
      .query_tokens = real(batch * q),
      .query_key_pairs = real(batch) * pairs,
      .kv_tokens = real(batch * kv),
      .q_heads = heads,
      .kv_heads = kv_heads,
      .qk_dim = dim,
      .v_dim = dim,
      .kv_bytes_per_token = real(2 * kv_heads * dim) * kernel::bytes_per_value(cache->weights),
      .kv_format = cache->weights,
      .compute = compute->activations});
}

/// "balanced" or "power_law_1.2"; nullopt for anything else.
std::optional<model::Routing> routing_named(std::string_view name) {
  constexpr std::string_view kPowerLaw = "power_law_";
  if (name == "balanced") {
    return model::Routing{};
  }
  if (!name.starts_with(kPowerLaw)) {
    return std::nullopt;
  }
  const std::optional<double> skew = units::parse_number(name.substr(kPowerLaw.size()));
  return skew && *skew >= 0 && *skew <= model::kMaxSkew ? std::optional(model::Routing{.skew = *skew})
                                                        : std::nullopt;
}

/// Rows and touched experts of the busiest rank. Balanced loads of a benchmark are dealt out in turn, so that
/// no expert is left out before all have a row.
model::BusiestRank load_of(std::int64_t experts, std::int64_t top_k, std::int64_t tokens, std::int64_t ranks,
                           const model::Routing& routing) {
  if (routing.skew == 0) {
    const double rows = std::max(real(tokens * top_k) / real(ranks), 1.0);
    return {.rows = rows, .experts = std::min(rows, real(experts) / real(ranks))};
  }
  if (ranks > 1) {
    return model::busiest_rank(experts, top_k, real(tokens), ranks, routing);
  }
  return {.rows = real(tokens * top_k),
          .experts = model::expected_experts(experts, top_k, real(tokens), routing)};
}

/// Under expert parallelism vLLM's Triton and Marlin experts keep a row for every pair of a token and an
/// expert, those of other ranks as well; other libraries only for the pairs of their own experts.
bool keeps_rows_of_other_ranks(std::string_view library) {
  constexpr std::array<std::string_view, 4> kKeeping{{"triton_", "marlin", "fused_moe", "xpu_moe"}};
  return std::any_of(kKeeping.begin(), kKeeping.end(), [library](std::string_view name) {
    return library.find(name) != std::string_view::npos;
  });
}

/// Permutation, gate and up, activation, down, sum over the experts of a token: gated
/// experts, of which each of moe_tp ranks holds a slice. 16-bit values between kernels.
void read_moe(const Table& table, KernelRow& row) {
  const std::int64_t tokens = count_in(table, "num_tokens", row);
  const std::int64_t hidden = count_in(table, "hidden", row);
  const std::int64_t inter = count_in(table, "inter", row);
  const std::int64_t top_k = count_in(table, "topk", row);
  const std::int64_t experts = count_in(table, "num_experts", row);
  const std::int64_t slices = count_in(table, "moe_tp", row);
  const std::int64_t ranks = count_in(table, "moe_ep", row);
  const Dtype* const dtype = dtype_in(table, "dtype", row);
  const std::optional<model::Routing> routing = routing_named(table.cell("routing"));
  row.outcome.family = fmt::format("moe {}", table.cell("dtype"));
  row.outcome.series = fmt::format("{} x {} x {}, {} of {}, tp {}, ep {}", hidden, inter, experts, top_k,
                                   experts, slices, ranks);
  row.shape = fmt::format("moe {} {} {}", hidden, inter, experts);
  if (!routing) {
    refuse(row, fmt::format("no model for routing '{}'", table.cell("routing")));
  } else if (row.outcome.unsupported.empty() && (top_k > experts || ranks > experts)) {
    refuse(row, "more choices or ranks than experts");
  }
  if (!row.outcome.unsupported.empty()) {
    return;
  }
  const model::BusiestRank load = load_of(experts, top_k, tokens, ranks, *routing);
  const std::int64_t width = (inter + slices - 1) / slices;
  constexpr Bytes kValue{2};
  constexpr double kActivationFlops = 8;
  kernel::GroupedGemm gemm{.rows = load.rows,
                           .experts = load.experts,
                           .n = 2 * width,
                           .k = hidden,
                           .weights = dtype->weights,
                           .activations = dtype->activations};
  const double pairs = keeps_rows_of_other_ranks(table.cell("kernel")) ? real(tokens * top_k) : load.rows;
  const Bytes operand = kernel::bytes_per_value(dtype->activations);
  row.kernels.emplace_back(kernel::Elementwise{.bytes_read = real(tokens * hidden) * kValue,
                                               .bytes_written = pairs * real(hidden) * operand});
  row.kernels.emplace_back(gemm);
  row.kernels.emplace_back(kernel::Elementwise{.bytes_read = pairs * real(2 * width) * kValue,
                                               .bytes_written = pairs * real(width) * operand,
                                               .flops = Flops(pairs * real(width) * kActivationFlops)});
  gemm.n = hidden;
  gemm.k = width;
  row.kernels.emplace_back(gemm);
  row.kernels.emplace_back(kernel::Elementwise{.bytes_read = pairs * real(hidden) * kValue,
                                               .bytes_written = real(tokens * hidden) * kValue,
                                               .flops = Flops(2 * pairs * real(hidden))});
}

struct NamedOp {
  std::string_view name;
  kernel::CollectiveOp op;
};
constexpr std::array<NamedOp, 8> kOps{{{"all_reduce", kernel::CollectiveOp::all_reduce},
                                       {"all_gather", kernel::CollectiveOp::all_gather},
                                       {"reduce_scatter", kernel::CollectiveOp::reduce_scatter},
                                       {"alltoall", kernel::CollectiveOp::all_to_all},
                                       {"all_to_all", kernel::CollectiveOp::all_to_all},
                                       {"moe_dispatch", kernel::CollectiveOp::all_to_all},
                                       {"moe_combine", kernel::CollectiveOp::all_to_all},
                                       {"send_recv", kernel::CollectiveOp::point_to_point}}};

std::optional<kernel::CollectiveOp> op_named(std::string_view name) {
  for (const NamedOp& entry : kOps) {
    if (entry.name == name) {
      return entry.op;
    }
  }
  return std::nullopt;
}

/// "a100_pairwise_nvlink, devices_per_node=4" and the like; other texts say nothing about the placement.
Placement placement_of(std::string_view topology) {
  constexpr std::string_view kPerNode = "devices_per_node=";
  Placement placement{.pairs = topology.find("pairwise") != std::string_view::npos};
  const std::size_t at = topology.find(kPerNode);
  if (at != std::string_view::npos) {
    const std::string_view rest = topology.substr(at + kPerNode.size());
    const std::size_t digits = std::min(rest.find_first_not_of("0123456789"), rest.size());
    placement.ranks_per_node = units::parse_integer(rest.substr(0, digits)).value_or(0);
  }
  return placement;
}

void read_collective(const Table& table, KernelRow& row) {
  const std::string& name = table.cell("op");
  const std::optional<kernel::CollectiveOp> op = op_named(name);
  const std::int64_t ranks = count_in(table, "n_gpus", row);
  const double bytes = table.number("bytes", 0);
  row.outcome.family = fmt::format("collective {}", name);
  row.outcome.series = fmt::format("{} ranks", ranks);
  row.shape = fmt::format("collective {} {}", name, table.cell("bytes"));
  row.placement = placement_of(table.cell("topology"));
  if (!op) {
    refuse(row, fmt::format("no model for the collective '{}'", name));
  } else if (!(bytes > 0)) {
    refuse(row, "bytes are not stated");
  }
  if (row.outcome.unsupported.empty()) {
    row.kernels.emplace_back(kernel::Collective{.op = *op, .bytes = Bytes(bytes), .ranks = ranks});
  }
}

/// The profile as the ranks of a placement see it.
hardware::DeviceProfile placed(hardware::DeviceProfile profile, const Placement& placement) {
  std::int64_t& domain = profile.scale_up.domain;
  if (placement.ranks_per_node > 0) {
    domain = std::min(domain, placement.ranks_per_node);
  }
  if (placement.pairs && domain > 2) {  // within a node pairs meet over PCIe, between nodes on the network
    domain = 2;
    profile.scale_out = {};
  }
  return profile;
}

}  // namespace

KernelFile::KernelFile(const std::filesystem::path& file, const planner::Catalogue& catalogue)
    : table_(file, {"device", "latency_us"}), catalogue_(catalogue) {
  const auto has = [this](std::initializer_list<std::string_view> columns) {
    return std::all_of(columns.begin(), columns.end(),
                       [this](std::string_view column) { return table_.has_column(column); });
  };
  if (has({"num_tokens", "hidden", "inter", "topk", "num_experts", "moe_tp", "moe_ep", "routing", "dtype"})) {
    schema_ = Schema::moe;
  } else if (has({"phase", "batch", "q_len", "kv_len", "n_heads", "n_kv_heads", "head_dim", "attn_dtype",
                  "kv_dtype"})) {
    schema_ = Schema::attention;
  } else if (has({"m", "n", "k", "dtype"})) {
    schema_ = Schema::gemm;
  } else if (has({"op", "n_gpus", "bytes"})) {
    schema_ = Schema::collective;
  } else {
    throw config::Error({.file = file.string(),
                         .at = {1, 1},
                         .message = "the header is of no kernel file",
                         .hint = "expected the columns of kernels_gemm.csv (m, n, k, dtype), "
                                 "kernels_attention.csv, kernels_moe.csv or collectives.csv"});
  }
}

bool beats_data_sheet(const KernelRow& row, const hardware::DeviceProfile& profile) {
  Bytes bytes{};
  for (const kernel::Kernel& kernel : row.kernels) {
    bytes += kernel::bytes_of(kernel);
  }
  const Bytes cache = profile.caches.empty() ? Bytes{} : profile.caches.back().capacity;
  return row.outcome.measured * 1e-6 < ((bytes - cache) / profile.memory_bandwidth).base();
}

std::optional<KernelRow> KernelFile::next() {
  if (!table_.next()) {
    return std::nullopt;
  }
  KernelRow row;
  row.outcome = {.row_id = table_.cell("row_id"),
                 .metric = "latency_us",
                 .unit = "us",
                 .device = table_.cell("device"),
                 .measured = table_.number("latency_us", 0)};
  if (row.outcome.row_id.empty()) {
    row.outcome.row_id = fmt::format("line {}", table_.line());
  }
  switch (schema_) {
    case Schema::gemm:
      read_gemm(table_, row);
      break;
    case Schema::attention:
      read_attention(table_, row);
      break;
    case Schema::moe:
      read_moe(table_, row);
      break;
    case Schema::collective:
      read_collective(table_, row);
      break;
  }
  if (!(row.outcome.measured > 0)) {
    refuse(row, "latency_us is not stated or not positive");
  }
  if (const std::optional<std::string> device = catalogue_.device_called(row.outcome.device)) {
    row.device = *device;
  } else {
    refuse(row, fmt::format("no profile of the device '{}'", row.outcome.device));
  }
  if (!row.outcome.unsupported.empty()) {
    row.kernels.clear();
  }
  if (!row.kernels.empty()) {
    auto profile = profiles_.find(row.device);
    if (profile == profiles_.end()) {
      profile = profiles_.emplace(row.device, profile_named(catalogue_, row.device)).first;
    }
    if (beats_data_sheet(row, profile->second)) {
      refuse(row, "measured faster than the memory of the data sheet allows");
      row.kernels.clear();
    }
  }
  return row;
}

Seconds PlacedDevices::time_of(const KernelRow& row) {
  auto& device = devices_[row.placement];
  if (!device) {
    device = hardware::make_device(placed(profile_, row.placement));
  }
  Seconds total;
  for (const kernel::Kernel& kernel : row.kernels) {
    total += device->time_of(kernel).total();
  }
  return total;
}

Outcome KernelPredictor::predicted(KernelRow row) {
  if (!row.kernels.empty()) {
    auto found = devices_.find(row.device);
    if (found == devices_.end()) {
      found = devices_.emplace(row.device, PlacedDevices(profile_named(catalogue_, row.device))).first;
    }
    row.outcome.predicted = found->second.time_of(row).base() * 1e6;
  }
  return std::move(row.outcome);
}

hardware::DeviceProfile profile_named(const planner::Catalogue& catalogue, const std::string& name) {
  return catalogue.device(*catalogue.find_device(name, {}).file);
}

}  // namespace mtok::validation
