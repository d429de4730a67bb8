// Pattern search over the efficiency constants of a device.
#include "sim/validation/kernel_fit.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <set>

#include "sim/units/text.hpp"

namespace mtok::validation {
namespace {

using hardware::DeviceProfile;
using hardware::Efficiency;
using kernel::NumberFormat;

constexpr double kOutlier = 0.693147;  ///< ln 2: beyond, a row pulls a tenth as much
constexpr double kPull = 0.01;         ///< error that a constant may cost for e times its start
constexpr double kFirstStep = 1.6;     ///< of the search, in logarithms
constexpr double kLastStep = 0.02;
constexpr double kLeastGain = 1e-5;  ///< in the objective, for a step to be kept

/// One number that the search may move.
struct Knob {
  std::string name{};
  std::string format{};
  std::vector<std::string_view> moves{};  ///< first words of the kinds whose times depend on it
  double least = 0;
  double most = 1;
  std::function<double(const Efficiency&)> get{};
  std::function<void(Efficiency&, double)> set{};
  std::function<std::string(double)> text{};
};

std::string share_text(double value) {
  return units::fixed(value, 3);
}

Knob share_knob(std::string name, std::vector<std::string_view> moves, double Efficiency::*member) {
  return {.name = std::move(name),
          .moves = std::move(moves),
          .least = 0.02,
          .most = 1,
          .get = [member](const Efficiency& e) { return e.*member; },
          .set = [member](Efficiency& e, double value) { e.*member = value; },
          .text = share_text};
}

template <class Q>
Knob quantity_knob(const std::string& name, const std::vector<std::string_view>& moves, Q Efficiency::*member,
                   double least, double most) {
  return {.name = name,
          .moves = moves,
          .least = least,
          .most = most,
          .get = [member](const Efficiency& e) { return (e.*member).base(); },
          .set = [member](Efficiency& e, double value) { e.*member = Q(value); },
          .text = [](double value) { return units::to_text(Q(value)); }};
}

Knob peak_knob(NumberFormat format) {
  return {.name = "peak_fraction_of",
          .format = std::string(kernel::name_of(format)),
          .moves = {"gemm", "moe"},
          .least = 0.02,
          .most = 1,
          .get =
              [format](const Efficiency& e) {
                const auto found = e.peak_fraction_of.find(format);
                return found != e.peak_fraction_of.end() ? found->second : e.peak_fraction;
              },
          .set = [format](Efficiency& e, double value) { e.peak_fraction_of[format] = value; },
          .text = share_text};
}

Knob floor_knob(NumberFormat activations) {
  return {
      .name = "kernel_floor_of",
      .format = std::string(kernel::name_of(activations)),
      .moves = {"gemm", "moe"},
      .least = 0.5e-6,
      .most = 60e-6,
      .get =
          [activations](const Efficiency& e) {
            const auto found = e.kernel_floor_of.find(activations);
            return (found != e.kernel_floor_of.end() ? found->second : e.kernel_floor).base();
          },
      .set = [activations](Efficiency& e, double value) { e.kernel_floor_of[activations] = Seconds(value); },
      .text = [](double value) { return units::to_text(Seconds(value)); }};
}

Knob dequantize_knob(NumberFormat weights) {
  return {.name = "dequantize_fraction_of",
          .format = std::string(kernel::name_of(weights)),
          .moves = {"gemm", "moe"},
          .least = 0.02,
          .most = 1,
          .get =
              [weights](const Efficiency& e) {
                const auto found = e.dequantize_fraction_of.find(weights);
                return found != e.dequantize_fraction_of.end() ? found->second : 1.0;
              },
          .set = [weights](Efficiency& e, double value) { e.dequantize_fraction_of[weights] = value; },
          .text = share_text};
}

/// Fused experts with weights of this format.
Knob grouped_knob(NumberFormat weights) {
  return {.name = "grouped_fraction_of",
          .format = std::string(kernel::name_of(weights)),
          .moves = {"moe"},
          .least = 0.02,
          .most = 1,
          .get =
              [weights](const Efficiency& e) {
                const auto found = e.grouped_fraction_of.find(weights);
                return found != e.grouped_fraction_of.end() ? found->second : e.grouped_fraction;
              },
          .set = [weights](Efficiency& e, double value) { e.grouped_fraction_of[weights] = value; },
          .text = share_text};
}

Knob cache_knob(NumberFormat format) {
  return {.name = "cache_fraction_of",
          .format = std::string(kernel::name_of(format)),
          .moves = {"attention"},
          .least = 0.02,
          .most = 1,
          .get =
              [format](const Efficiency& e) {
                const auto found = e.cache_fraction_of.find(format);
                return found != e.cache_fraction_of.end() ? found->second : e.cache_fraction;
              },
          .set = [format](Efficiency& e, double value) { e.cache_fraction_of[format] = value; },
          .text = share_text};
}

/// Prefill attention multiplied in a format of less than 16 bits.
Knob attention_knob(NumberFormat format) {
  return {.name = "attention_fraction_of",
          .format = std::string(kernel::name_of(format)),
          .moves = {"attention"},
          .least = 0.02,
          .most = 4,
          .get =
              [format](const Efficiency& e) {
                const auto found = e.attention_fraction_of.find(format);
                return found != e.attention_fraction_of.end() ? found->second : e.attention_fraction;
              },
          .set = [format](Efficiency& e, double value) { e.attention_fraction_of[format] = value; },
          .text = share_text};
}

Knob prologue_knob() {
  return {.name = "attention_prologue",
          .moves = {"attention"},
          .least = 10,
          .most = 4000,
          .get = [](const Efficiency& e) { return e.attention_prologue; },
          .set = [](Efficiency& e, double value) { e.attention_prologue = value; },
          .text = [](double value) { return units::fixed(value, 0); }};
}

/// "gemm fp8 m < 16" -> "gemm m < 16", "attention decode ..." -> "attention decode", else the first word.
std::string kind_of(const KernelRow& row) {
  const std::string& family = row.outcome.family;
  if (family.starts_with("gemm ")) {
    return "gemm " + family.substr(std::min(family.rfind("m "), family.size()));
  }
  if (family.starts_with("attention ")) {
    return family.substr(0, family.find(' ', family.find(' ') + 1));
  }
  return family.substr(0, family.find(' '));
}

/// The constants that the rows say something about.
std::vector<Knob> knobs_for(const DeviceProfile& profile, std::span<const KernelRow> rows) {
  std::set<NumberFormat> multiplied;
  std::set<NumberFormat> activations;
  std::set<NumberFormat> grouped;
  std::set<NumberFormat> widened;
  std::set<NumberFormat> narrow_attention;
  std::set<NumberFormat> narrow_caches;
  std::set<std::string> kinds;
  const auto device = hardware::make_device(profile);
  const auto note_product = [&](NumberFormat weights, NumberFormat operands) {
    multiplied.insert(device->multiply_format(weights, operands));
    activations.insert(operands);
    if (kernel::bytes_per_value(weights) < Bytes(2) && kernel::bytes_per_value(operands) == Bytes(2)) {
      widened.insert(weights);
    }
  };
  for (const KernelRow& row : rows) {
    kinds.insert(kind_of(row));
    for (const kernel::Kernel& kernel : row.kernels) {
      if (const auto* const gemm = std::get_if<kernel::Gemm>(&kernel)) {
        note_product(gemm->weights, gemm->activations);
      } else if (const auto* const product = std::get_if<kernel::GroupedGemm>(&kernel)) {
        note_product(product->weights, product->activations);
        grouped.insert(product->weights);
      } else if (const auto* const attention = std::get_if<kernel::Attention>(&kernel)) {
        const bool decode = attention->phase == kernel::Phase::decode;
        if (decode && kernel::bytes_per_value(attention->kv_format) < Bytes(2)) {
          narrow_caches.insert(attention->kv_format);
        }
        if (!decode && kernel::bytes_per_value(attention->compute) < Bytes(2)) {
          narrow_attention.insert(attention->compute);
        }
      }
    }
  }
  const bool gemms = !multiplied.empty();
  const bool decode = kinds.contains("attention decode");
  const bool prefill = kinds.contains("attention prefill");
  std::vector<Knob> knobs;
  if (gemms || decode) {
    knobs.push_back(
        share_knob("bandwidth_fraction", {"gemm", "moe", "attention"}, &Efficiency::bandwidth_fraction));
  }
  if (gemms) {
    knobs.push_back(quantity_knob("kernel_floor", {"gemm", "moe"}, &Efficiency::kernel_floor, 0.5e-6, 60e-6));
  }
  if (prefill) {
    knobs.push_back(share_knob("attention_fraction", {"attention"}, &Efficiency::attention_fraction));
    knobs.push_back(prologue_knob());
  }
  if (decode || prefill) {
    knobs.push_back(
        quantity_knob("attention_floor", {"attention"}, &Efficiency::attention_floor, 0.5e-6, 60e-6));
  }
  if (kinds.contains("collective")) {
    knobs.push_back(share_knob("link_fraction", {"collective"}, &Efficiency::link_fraction));
    knobs.push_back(
        quantity_knob("collective_floor", {"collective"}, &Efficiency::collective_floor, 0.5e-6, 100e-6));
  }
  for (const NumberFormat format : narrow_attention) {
    knobs.push_back(attention_knob(format));
  }
  if (decode) {
    knobs.push_back(share_knob("cache_fraction", {"attention"}, &Efficiency::cache_fraction));
  }
  for (const NumberFormat format : narrow_caches) {
    knobs.push_back(cache_knob(format));
  }
  for (const NumberFormat format : multiplied) {
    knobs.push_back(peak_knob(format));
  }
  for (const NumberFormat format : grouped) {
    knobs.push_back(grouped_knob(format));
  }
  for (const NumberFormat format : widened) {
    knobs.push_back(dequantize_knob(format));
  }
  for (const NumberFormat format : activations) {
    if (kernel::bytes_per_value(format) < Bytes(2)) {
      knobs.push_back(floor_knob(format));
    }
  }
  return knobs;
}

double loss_of(double log_error) {
  return std::min(log_error, kOutlier) + std::max(log_error - kOutlier, 0.0) / 10;
}

/// Mean over the kinds of the mean error of their rows; each row with its kind's weight.
class Objective {
 public:
  explicit Objective(const std::vector<const KernelRow*>& rows) {
    std::map<std::string, double> counts;
    for (const KernelRow* row : rows) {
      counts[kind_of(*row)] += 1;
    }
    for (const KernelRow* row : rows) {
      const std::string kind = kind_of(*row);
      parts_[kind.substr(0, kind.find(' '))].push_back(
          {row, 1 / (counts[kind] * static_cast<double>(counts.size()))});
    }
  }
  /// The share of the kinds whose first words these are.
  [[nodiscard]] double of(const DeviceProfile& profile, const std::vector<std::string_view>& words) const {
    PlacedDevices devices(profile);
    double sum = 0;
    for (const std::string_view word : words) {
      const auto found = parts_.find(word);
      if (found == parts_.end()) {
        continue;
      }
      for (const auto& [row, weight] : found->second) {
        const double predicted = devices.time_of(*row).base() * 1e6;
        sum += weight * loss_of(std::abs(std::log(predicted / row->outcome.measured)));
      }
    }
    return sum;
  }

 private:
  struct Weighted {
    const KernelRow* row = nullptr;
    double weight = 0;
  };
  std::map<std::string, std::vector<Weighted>, std::less<>> parts_;
};

/// What a constant costs away from its start: kPull (ln (value / start))^2, so that thin evidence moves
/// nothing far.
double pull_of(const Knob& knob, const Efficiency& start, const Efficiency& now) {
  const double moved = std::log(knob.get(now) / knob.get(start));
  return kPull * moved * moved;
}

/// Tries each constant a step up and down, keeps what helps, halves the step when nothing does.
DeviceProfile searched(DeviceProfile profile, const std::vector<Knob>& knobs, const Objective& objective) {
  const Efficiency start = profile.efficiency;
  for (double step = kFirstStep; step >= kLastStep; step /= 2) {
    for (bool moved = true; moved;) {
      moved = false;
      for (const Knob& knob : knobs) {
        double best = objective.of(profile, knob.moves) + pull_of(knob, start, profile.efficiency);
        for (const double factor : {std::exp(step), std::exp(-step)}) {
          const Efficiency kept = profile.efficiency;
          knob.set(profile.efficiency, std::clamp(knob.get(kept) * factor, knob.least, knob.most));
          const double error = objective.of(profile, knob.moves) + pull_of(knob, start, profile.efficiency);
          if (error < best - kLeastGain) {
            best = error;
            moved = true;
          } else {
            profile.efficiency = kept;
          }
        }
      }
    }
  }
  return profile;
}

double median(std::vector<double> values) {
  if (values.empty()) {
    return 0;
  }
  std::sort(values.begin(), values.end());
  const std::size_t half = values.size() / 2;
  return values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
}

/// Errors of the rows of one kind.
struct Apes {
  std::vector<double> before{};
  std::vector<double> fitted{};
  std::vector<double> judged{};
};

class ErrorTable {
 public:
  using Member = std::vector<double> Apes::*;
  void add(const KernelRow& row, PlacedDevices& devices, Member member) {
    const double ape = std::abs(devices.time_of(row).base() * 1e6 / row.outcome.measured - 1);
    (apes_["all"].*member).push_back(ape);
    (apes_[kind_of(row)].*member).push_back(ape);
  }
  [[nodiscard]] std::vector<FitError> medians() const {
    std::vector<FitError> errors;
    for (const auto& [kind, apes] : apes_) {
      errors.push_back({.kind = kind,
                        .rows = static_cast<std::int64_t>(apes.before.size()),
                        .before = median(apes.before),
                        .fitted = median(apes.fitted),
                        .judged = median(apes.judged)});
    }
    return errors;
  }

 private:
  std::map<std::string, Apes> apes_;
};

}  // namespace

bool is_evidence(const KernelRow& row) {
  if (row.kernels.empty()) {
    return false;
  }
  const auto* const collective = std::get_if<kernel::Collective>(&row.kernels.front());
  const std::int64_t per_node = row.placement.ranks_per_node;
  return collective == nullptr || (!row.placement.pairs && (per_node == 0 || collective->ranks <= per_node));
}

int fold_of(const KernelRow& row) {
  std::uint64_t hash = 14695981039346656037U;  // FNV-1a
  for (const char sign : row.shape) {
    hash = (hash ^ static_cast<unsigned char>(sign)) * 1099511628211U;
  }
  return static_cast<int>((hash >> 32U) % kFolds);
}

KernelFit fit_kernels(const DeviceProfile& given, std::span<const KernelRow> rows) {
  DeviceProfile profile = given;
  if (given.fitted) {
    profile.efficiency = given.fitted->unfitted;
  }
  KernelFit fit{.device = profile.name};
  const std::vector<Knob> knobs = knobs_for(profile, rows);
  ErrorTable errors;
  for (int fold = 0; fold < kFolds; ++fold) {
    std::vector<const KernelRow*> others;
    for (const KernelRow& row : rows) {
      if (fold_of(row) != fold) {
        others.push_back(&row);
      }
    }
    PlacedDevices devices(searched(profile, knobs, Objective(others)));
    for (const KernelRow& row : rows) {
      if (fold_of(row) == fold) {
        errors.add(row, devices, &Apes::judged);
        Outcome& outcome = fit.judged.emplace_back(row.outcome);
        outcome.family = kind_of(row);
        outcome.predicted = devices.time_of(row).base() * 1e6;
      }
    }
  }
  std::vector<const KernelRow*> all;
  for (const KernelRow& row : rows) {
    all.push_back(&row);
  }
  fit.profile = searched(profile, knobs, Objective(all));
  PlacedDevices before(profile);
  PlacedDevices fitted(fit.profile);
  for (const KernelRow& row : rows) {
    errors.add(row, before, &Apes::before);
    errors.add(row, fitted, &Apes::fitted);
  }
  for (const Knob& knob : knobs) {
    fit.constants.push_back({.name = knob.name,
                             .format = knob.format,
                             .before = knob.text(knob.get(profile.efficiency)),
                             .after = knob.text(knob.get(fit.profile.efficiency))});
  }
  fit.errors = errors.medians();
  return fit;
}

std::string fitted_block(const KernelFit& fit, const std::string& data) {
  FitError all;
  for (const FitError& error : fit.errors) {
    all = error.kind == "all" ? error : all;
  }
  std::string text = fmt::format("fitted:\n  data: \"{}\"\n  rows: {}\n  error: {}\n  judged_error: {}\n",
                                 data, all.rows, share_text(all.fitted), share_text(all.judged));
  std::string map;
  for (const FittedConstant& constant : fit.constants) {
    if (constant.format.empty()) {
      text += fmt::format("  {}: {}\n", constant.name, constant.after);
      continue;
    }
    if (constant.name != map) {
      map = constant.name;
      text += fmt::format("  {}:\n", map);
    }
    text += fmt::format("    {}: {}\n", constant.format, constant.after);
  }
  return text;
}

std::string with_fitted_block(const std::string& profile_text, const std::string& block) {
  std::string text = profile_text;
  const std::size_t start = text.find("\nfitted:\n");
  if (start == std::string::npos) {
    return text + block;
  }
  std::size_t end = start + 1;
  do {  // to the next line that is not indented
    end = std::min(text.find('\n', end), text.size() - 1) + 1;
  } while (end < text.size() && text[end] == ' ');
  return text.replace(start + 1, end - start - 1, block);
}

}  // namespace mtok::validation
