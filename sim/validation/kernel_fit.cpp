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

constexpr double kMostLogError = 0.693147;  ///< ln 2: beyond, a row is an outlier and pulls no more
constexpr double kPull = 0.01;              ///< error that a constant may cost for e times its start
constexpr double kFirstStep = 0.4;          ///< of the search, in logarithms
constexpr double kLastStep = 0.01;

/// One number that the search may move.
struct Knob {
  std::string name{};
  std::string format{};
  double least = 0;
  double most = 1;
  std::function<double(const Efficiency&)> get{};
  std::function<void(Efficiency&, double)> set{};
  std::function<std::string(double)> text{};
};

std::string share_text(double value) {
  return units::fixed(value, 3);
}

Knob share_knob(std::string name, double Efficiency::*member) {
  return {.name = std::move(name),
          .least = 0.02,
          .most = 1,
          .get = [member](const Efficiency& e) { return e.*member; },
          .set = [member](Efficiency& e, double value) { e.*member = value; },
          .text = share_text};
}

template <class Q>
Knob quantity_knob(std::string name, Q Efficiency::*member, double least, double most) {
  return {.name = std::move(name),
          .least = least,
          .most = most,
          .get = [member](const Efficiency& e) { return (e.*member).base(); },
          .set = [member](Efficiency& e, double value) { e.*member = Q(value); },
          .text = [](double value) { return units::to_text(Q(value)); }};
}

Knob peak_knob(NumberFormat format) {
  return {.name = "peak_fraction_of",
          .format = std::string(kernel::name_of(format)),
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

/// Prefill attention multiplied in a format of less than 16 bits.
Knob attention_knob(NumberFormat format) {
  return {.name = "attention_fraction_of",
          .format = std::string(kernel::name_of(format)),
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
  std::set<NumberFormat> narrow_attention;
  std::set<std::string> kinds;
  bool narrow_cache = false;
  const auto device = hardware::make_device(profile);
  for (const KernelRow& row : rows) {
    kinds.insert(kind_of(row));
    if (const auto* const gemm = std::get_if<kernel::Gemm>(&row.kernels.front())) {
      multiplied.insert(device->multiply_format(gemm->weights, gemm->activations));
      activations.insert(gemm->activations);
    }
    if (const auto* const attention = std::get_if<kernel::Attention>(&row.kernels.front())) {
      const bool decode = attention->phase == kernel::Phase::decode;
      narrow_cache = narrow_cache || (decode && kernel::bytes_per_value(attention->kv_format) < Bytes(2));
      if (!decode && kernel::bytes_per_value(attention->compute) < Bytes(2)) {
        narrow_attention.insert(attention->compute);
      }
    }
    if (const auto* const gemm = std::get_if<kernel::GroupedGemm>(&row.kernels.front())) {
      multiplied.insert(device->multiply_format(gemm->weights, gemm->activations));
    }
  }
  const bool gemms = !multiplied.empty();
  const bool decode = kinds.contains("attention decode");
  const bool prefill = kinds.contains("attention prefill");
  std::vector<Knob> knobs;
  if (gemms || decode) {
    knobs.push_back(share_knob("bandwidth_fraction", &Efficiency::bandwidth_fraction));
    knobs.push_back(quantity_knob("half_bandwidth", &Efficiency::half_bandwidth, 1e4, 5e7));
  }
  if (gemms) {
    knobs.push_back(quantity_knob("kernel_floor", &Efficiency::kernel_floor, 0.5e-6, 60e-6));
  }
  if (kinds.contains("moe")) {
    knobs.push_back(share_knob("grouped_fraction", &Efficiency::grouped_fraction));
  }
  if (prefill) {
    knobs.push_back(share_knob("attention_fraction", &Efficiency::attention_fraction));
    knobs.push_back(prologue_knob());
  }
  if (decode || prefill) {
    knobs.push_back(quantity_knob("attention_floor", &Efficiency::attention_floor, 0.5e-6, 60e-6));
  }
  if (kinds.contains("collective")) {
    knobs.push_back(share_knob("link_fraction", &Efficiency::link_fraction));
    knobs.push_back(quantity_knob("collective_floor", &Efficiency::collective_floor, 0.5e-6, 100e-6));
  }
  for (const NumberFormat format : narrow_attention) {
    knobs.push_back(attention_knob(format));
  }
  if (narrow_cache) {
    knobs.push_back(share_knob("narrow_cache_fraction", &Efficiency::narrow_cache_fraction));
  }
  for (const NumberFormat format : multiplied) {
    knobs.push_back(peak_knob(format));
  }
  for (const NumberFormat format : activations) {
    if (kernel::bytes_per_value(format) < Bytes(2)) {
      knobs.push_back(floor_knob(format));
    }
  }
  return knobs;
}

/// Mean over the kinds of the mean error of their rows; each row with its kind's weight.
class Objective {
 public:
  explicit Objective(std::span<const KernelRow> rows) {
    std::map<std::string, double> counts;
    for (const KernelRow& row : rows) {
      if (is_fitting_row(row)) {
        rows_.push_back(&row);
        counts[kind_of(row)] += 1;
      }
    }
    for (const KernelRow* row : rows_) {
      weights_.push_back(1 / (counts[kind_of(*row)] * static_cast<double>(counts.size())));
    }
  }
  [[nodiscard]] double operator()(const DeviceProfile& profile) const {
    PlacedDevices devices(profile);
    double sum = 0;
    for (std::size_t i = 0; i < rows_.size(); ++i) {
      const double predicted = devices.time_of(*rows_[i]).base() * 1e6;
      sum +=
          weights_[i] * std::min(kMostLogError, std::abs(std::log(predicted / rows_[i]->outcome.measured)));
    }
    return sum;
  }

 private:
  std::vector<const KernelRow*> rows_;
  std::vector<double> weights_;
};

/// What leaving the start costs: kPull (ln (value / start))^2 for each constant, so that thin evidence moves
/// nothing far.
double pull_of(const std::vector<Knob>& knobs, const Efficiency& start, const Efficiency& now) {
  double sum = 0;
  for (const Knob& knob : knobs) {
    const double moved = std::log(knob.get(now) / knob.get(start));
    sum += kPull * moved * moved;
  }
  return sum;
}

/// Tries each constant a step up and down, keeps what helps, halves the step when nothing does.
DeviceProfile searched(DeviceProfile profile, const std::vector<Knob>& knobs, const Objective& objective) {
  const Efficiency start = profile.efficiency;
  double best = objective(profile);
  for (double step = kFirstStep; step >= kLastStep; step /= 2) {
    for (bool moved = true; moved;) {
      moved = false;
      for (const Knob& knob : knobs) {
        for (const double factor : {std::exp(step), std::exp(-step)}) {
          const double old = knob.get(profile.efficiency);
          const Efficiency kept = profile.efficiency;
          knob.set(profile.efficiency, std::clamp(old * factor, knob.least, knob.most));
          const double error = objective(profile) + pull_of(knobs, start, profile.efficiency);
          if (error < best - 1e-6) {
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

/// Median errors by kind and part, and of all rows of a part.
std::vector<FitError> errors_of(const DeviceProfile& before, const DeviceProfile& after,
                                std::span<const KernelRow> rows) {
  struct Apes {
    std::vector<double> before{};
    std::vector<double> after{};
  };
  PlacedDevices devices_before(before);
  PlacedDevices devices_after(after);
  std::map<std::pair<bool, std::string>, Apes> groups;
  for (const KernelRow& row : rows) {
    const auto ape = [&](PlacedDevices& devices) {
      return std::abs(devices.time_of(row).base() * 1e6 / row.outcome.measured - 1);
    };
    for (const std::string& kind : {std::string("all"), kind_of(row)}) {
      Apes& apes = groups[{!is_fitting_row(row), kind}];
      apes.before.push_back(ape(devices_before));
      apes.after.push_back(ape(devices_after));
    }
  }
  std::vector<FitError> errors;
  for (auto& [key, apes] : groups) {
    errors.push_back({.kind = key.second,
                      .fitted = !key.first,
                      .rows = static_cast<std::int64_t>(apes.before.size()),
                      .before = median(apes.before),
                      .after = median(apes.after)});
  }
  return errors;
}

const FitError& error_of_all(const KernelFit& fit, bool fitted) {
  static const FitError kNone{};
  for (const FitError& error : fit.errors) {
    if (error.kind == "all" && error.fitted == fitted) {
      return error;
    }
  }
  return kNone;
}

}  // namespace

bool is_fitting_row(const KernelRow& row) {
  std::uint64_t hash = 14695981039346656037U;  // FNV-1a
  for (const char sign : row.shape) {
    hash = (hash ^ static_cast<unsigned char>(sign)) * 1099511628211U;
  }
  return (hash >> 32U) % 2 == 0;
}

KernelFit fit_kernels(const DeviceProfile& profile, std::span<const KernelRow> rows) {
  const std::vector<Knob> knobs = knobs_for(profile, rows);
  KernelFit fit{.device = profile.name, .profile = searched(profile, knobs, Objective(rows))};
  for (const Knob& knob : knobs) {
    fit.constants.push_back({.name = knob.name,
                             .format = knob.format,
                             .before = knob.text(knob.get(profile.efficiency)),
                             .after = knob.text(knob.get(fit.profile.efficiency))});
  }
  fit.errors = errors_of(profile, fit.profile, rows);
  return fit;
}

std::string fitted_block(const KernelFit& fit, const std::string& data) {
  const FitError& fitted = error_of_all(fit, true);
  const FitError& judged = error_of_all(fit, false);
  std::string text =
      fmt::format("fitted:\n  data: \"{}\"\n  rows: {}\n  judged_rows: {}\n  error: {}\n  judged_error: {}\n",
                  data, fitted.rows, judged.rows, share_text(fitted.after), share_text(judged.after));
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
