// Samples of a host to CSV and back.
#include "sim/validation/host_samples.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "sim/units/text.hpp"
#include "sim/validation/table.hpp"

namespace mtok::validation {
namespace {

template <class T>
struct Named {
  std::string_view name{};
  T value{};
};

constexpr std::array<Named<HostKind>, 8> kKinds{{{"gemm", HostKind::gemm},
                                                 {"elementwise", HostKind::elementwise},
                                                 {"attention", HostKind::attention},
                                                 {"moe", HostKind::moe},
                                                 {"dense_active", HostKind::dense_active},
                                                 {"dense_total", HostKind::dense_total},
                                                 {"prefill", HostKind::prefill},
                                                 {"decode", HostKind::decode}}};
constexpr std::array<Named<Split>, 3> kSplits{{{"calibration", Split::calibration},
                                               {"validation", Split::validation},
                                               {"composition", Split::composition}}};

template <class T, std::size_t N>
std::string_view name_in(const std::array<Named<T>, N>& names, T value) {
  for (const Named<T>& entry : names) {
    if (entry.value == value) {
      return entry.name;
    }
  }
  return "";
}

template <class T, std::size_t N>
T value_in(const std::array<Named<T>, N>& names, const Table& table, const std::filesystem::path& file,
           std::string_view column) {
  for (const Named<T>& entry : names) {
    if (entry.name == table.cell(column)) {
      return entry.value;
    }
  }
  throw config::Error({.file = file.string(),
                       .at = {table.line(), 1},
                       .message = fmt::format("{}: '{}' is none of its values", column, table.cell(column)),
                       .hint = fmt::format("expected one such as '{}'", names.front().name)});
}

std::string microseconds(Seconds time) {
  return fmt::format("{:.3f}", time.base() * 1e6);
}

}  // namespace

std::string_view name_of(HostKind kind) {
  return name_in(kKinds, kind);
}
std::string_view name_of(Split split) {
  return name_in(kSplits, split);
}

std::string shape_text(const HostWork& work) {
  switch (work.kind) {
    case HostKind::gemm:
      return fmt::format("{} x {} x {} {}", work.m, work.n, work.k, work.cold ? "cold" : "hot");
    case HostKind::elementwise:
      return fmt::format("{} x {}", work.m, work.n);
    case HostKind::attention:
      return fmt::format("{} sequences, {} new, {} of context, {}/{} heads of {}", work.m, work.n,
                         work.context, work.heads, work.kv_heads, work.head_dim);
    case HostKind::moe:
      return fmt::format("{} tokens, {} of {} experts, {} x {}", work.m, work.top_k, work.experts, work.k,
                         work.n);
    case HostKind::dense_active:
    case HostKind::dense_total:
      return fmt::format("{} tokens, {} x {}", work.m, work.k, work.n);
    case HostKind::prefill:
      return fmt::format("{}, {} layers, {} x {} tokens", work.model, work.n, work.m, work.context);
    case HostKind::decode:
      return fmt::format("{}, {} layers, {} sequences of {}", work.model, work.n, work.m, work.context);
  }
  return "";
}

bool is_disturbed(const HostSample& sample) {
  return std::min(sample.compute_pace, sample.memory_pace) < 1 - kSteady;
}

std::string samples_csv(std::span<const HostSample> samples) {
  std::string text =
      "kind,format,residency,m,n,k,experts,top_k,context,heads,kv_heads,head_dim,model,split,isa,threads,"
      "implementation,least_us,median_us,products_us,distinct,compute_pace,memory_pace\n";
  for (const HostSample& s : samples) {
    const HostWork& w = s.work;
    text +=
        fmt::format("{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{:.4g},{:.4f},{:.4f}\n",
                    name_of(w.kind), kernel::name_of(w.format), w.cold ? "cold" : "hot", w.m, w.n, w.k,
                    w.experts, w.top_k, w.context, w.heads, w.kv_heads, w.head_dim, w.model, name_of(s.split),
                    s.isa, s.threads, s.implementation, microseconds(s.least), microseconds(s.median),
                    microseconds(s.products), s.distinct, s.compute_pace, s.memory_pace);
  }
  return text;
}

std::vector<HostSample> read_samples(const std::filesystem::path& file) {
  Table table(file, {"kind", "format", "residency", "m", "n", "k", "split", "isa", "threads", "least_us"});
  std::vector<HostSample> samples;
  while (table.next()) {
    const auto format = kernel::format_named(table.cell("format"));
    const double pace = table.number("memory_pace", 1);
    if (!format || !(pace > 0) || !(table.number("least_us", 0) > 0) || table.integer("threads", 0) < 1 ||
        table.integer("m", 0) < 1) {
      throw config::Error({.file = file.string(),
                           .at = {table.line(), 1},
                           .message = "not a sample of a host",
                           .hint = "expected a known format, and m, threads and least_us above 0"});
    }
    HostSample& s = samples.emplace_back();
    s.work = {.kind = value_in(kKinds, table, file, "kind"),
              .format = *format,
              .cold = table.cell("residency") == "cold",
              .m = table.integer("m", 0),
              .n = table.integer("n", 0),
              .k = table.integer("k", 0),
              .experts = table.integer("experts", 0),
              .top_k = table.integer("top_k", 0),
              .context = table.integer("context", 0),
              .heads = table.integer("heads", 0),
              .kv_heads = table.integer("kv_heads", 0),
              .head_dim = table.integer("head_dim", 0),
              .model = table.cell("model")};
    s.split = value_in(kSplits, table, file, "split");
    s.isa = table.cell("isa");
    s.threads = table.integer("threads", 1);
    s.implementation = table.cell("implementation");
    s.least = Seconds(table.number("least_us", 0) * 1e-6);
    s.median = Seconds(table.number("median_us", 0) * 1e-6);
    s.products = Seconds(table.number("products_us", 0) * 1e-6);
    s.distinct = table.number("distinct", 0);
    s.compute_pace = table.number("compute_pace", 1);
    s.memory_pace = table.number("memory_pace", 1);
  }
  return samples;
}

}  // namespace mtok::validation
