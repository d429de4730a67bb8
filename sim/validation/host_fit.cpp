// Pattern search over the constants of a CPU.
#include "sim/validation/host_fit.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "sim/hardware/device.hpp"
#include "sim/validation/host_prediction.hpp"

namespace mtok::validation {
namespace {

using hardware::DeviceProfile;
using kernel::NumberFormat;

constexpr double kFirstStep = 0.5;  ///< of the search, in logarithms
constexpr double kLastStep = 0.005;
constexpr double kLeastGain = 1e-6;
constexpr double kOutlier = 2;  ///< a sample that far off in logarithms pulls no further

/// One number that the search may move.
struct Knob {
  std::function<double(const DeviceProfile&)> get{};
  std::function<void(DeviceProfile&, double)> set{};
  double least = 0;
  double most = 0;
};

template <class Q>
Knob quantity_knob(const std::function<Q&(DeviceProfile&)>& member, double least, double most) {
  return {.get =
              [member](const DeviceProfile& profile) {
                DeviceProfile copy = profile;
                return member(copy).base();
              },
          .set = [member](DeviceProfile& profile, double value) { member(profile) = Q(value); },
          .least = least,
          .most = most};
}

Knob number_knob(const std::function<double&(DeviceProfile&)>& member, double least, double most) {
  return {.get =
              [member](const DeviceProfile& profile) {
                DeviceProfile copy = profile;
                return member(copy);
              },
          .set = [member](DeviceProfile& profile, double value) { member(profile) = value; },
          .least = least,
          .most = most};
}

/// Mean error in logarithms. Samples of the same residency and pace share a device.
class Objective {
 public:
  explicit Objective(const std::vector<const HostSample*>& samples) {
    for (const HostSample* sample : samples) {
      const double pace = std::round(sample->memory_pace * kPaces) / kPaces;
      cases_[{sample->work.cold, pace}].push_back({kernels_of(sample->work), sample->least});
      count_ += 1;
    }
  }
  [[nodiscard]] double of(const DeviceProfile& profile) const {
    constexpr Bytes kNoCacheHoldsIt{1e12};
    double sum = 0;
    for (const auto& [setting, cases] : cases_) {
      const auto device =
          hardware::make_device(at_pace(profile, setting.second), setting.first ? kNoCacheHoldsIt : Bytes{});
      for (const Case& one : cases) {
        Seconds time;
        for (const kernel::Kernel& kernel : one.kernels) {
          time += device->time_of(kernel).total();
        }
        sum += std::min(std::abs(std::log(time / one.measured)), kOutlier);
      }
    }
    return sum / count_;
  }

 private:
  static constexpr double kPaces = 50;  ///< paces are told apart by 2 %
  struct Case {
    std::vector<kernel::Kernel> kernels{};
    Seconds measured{};
  };
  std::map<std::pair<bool, double>, std::vector<Case>> cases_;
  double count_ = 0;
};

/// Tries each constant a step up and down, keeps what helps, halves the step when nothing does.
void search(DeviceProfile& profile, const std::vector<Knob>& knobs, const Objective& objective) {
  double best = objective.of(profile);
  for (double step = kFirstStep; step >= kLastStep; step /= 2) {
    for (bool moved = true; moved;) {
      moved = false;
      for (const Knob& knob : knobs) {
        for (const double factor : {std::exp(step), std::exp(-step)}) {
          const double kept = knob.get(profile);
          knob.set(profile, std::clamp(kept * factor, knob.least, knob.most));
          const double error = objective.of(profile);
          if (error < best - kLeastGain) {
            best = error;
            moved = true;
          } else {
            knob.set(profile, kept);
          }
        }
      }
    }
  }
}

std::vector<const HostSample*> of_kind(std::span<const HostSample> samples, HostKind kind, Split split) {
  std::vector<const HostSample*> chosen;
  for (const HostSample& sample : samples) {
    if (sample.work.kind == kind && sample.split == split) {
      chosen.push_back(&sample);
    }
  }
  return chosen;
}

/// The best rate that any product of a format reached.
FlopsPerSecond best_rate(const std::vector<const HostSample*>& samples, NumberFormat format) {
  FlopsPerSecond best{};
  for (const HostSample* sample : samples) {
    if (sample->work.format == format) {
      best = std::max(best, kernel::flops_of(kernels_of(sample->work).front()) / sample->least);
    }
  }
  return best;
}

/// The best rate at which weights of at least that size were read.
BytesPerSecond best_stream(const std::vector<const HostSample*>& samples, bool cold, Bytes least_size) {
  BytesPerSecond best{};
  for (const HostSample* sample : samples) {
    const Bytes bytes = kernel::bytes_of(kernels_of(sample->work).front());
    if (sample->work.cold == cold && bytes >= least_size) {
      best = std::max(best, bytes / sample->least);
    }
  }
  return best;
}

constexpr double kShareAtTheStart = 0.9;
constexpr Bytes kNearestCache{1e6};
constexpr Bytes kFarCache{3e6};

/// Where the search begins: best rates seen, cache sizes in the middle of what processors have.
DeviceProfile start_from(const std::vector<const HostSample*>& products, std::int64_t threads) {
  const auto each = static_cast<double>(threads);
  DeviceProfile profile{.kind = hardware::DeviceKind::cpu,
                        .memory_bandwidth = best_stream(products, true, kFarCache) * kShareAtTheStart,
                        .efficiency = {.peak_fraction = 1,
                                       .bandwidth_fraction = 1,
                                       .attention_fraction = 0.3,
                                       .link_fraction = 1,
                                       .reduction_fraction = 1,
                                       .overlap = 0.1,
                                       .kernel_floor = Seconds(0.5e-6)},
                        .compute_units = threads};
  profile.caches = {{.name = "near",
                     .capacity = each * kNearestCache,
                     .bandwidth = best_stream(products, false, Bytes{}) * kShareAtTheStart},
                    {.name = "far",
                     .capacity = Bytes(24e6),
                     .bandwidth = best_stream(products, false, each * kFarCache) * kShareAtTheStart}};
  std::set<NumberFormat> formats;
  for (const HostSample* sample : products) {
    formats.insert(sample->work.format);
  }
  for (const NumberFormat format : formats) {
    profile.peak[format] = best_rate(products, format);
    profile.efficiency.unpack_rows_of[format] = 0.5;
  }
  return profile;
}

std::vector<Knob> product_knobs(const DeviceProfile& profile) {
  std::vector<Knob> knobs;
  for (const auto& [format, peak] : profile.peak) {
    knobs.push_back(quantity_knob<FlopsPerSecond>(
        [key = format](DeviceProfile& p) -> FlopsPerSecond& { return p.peak[key]; }, 1e9, 1e16));
    knobs.push_back(number_knob(
        [key = format](DeviceProfile& p) -> double& { return p.efficiency.unpack_rows_of[key]; }, 0.01, 32));
  }
  constexpr double kMostOfACore = 4e6;  // no core has a larger cache of its own
  const double most_near = kMostOfACore * static_cast<double>(profile.compute_units);
  for (std::size_t i = 0; i < profile.caches.size(); ++i) {
    knobs.push_back(quantity_knob<BytesPerSecond>(
        [i](DeviceProfile& p) -> BytesPerSecond& { return p.caches[i].bandwidth; }, 1e9, 1e14));
    knobs.push_back(quantity_knob<Bytes>([i](DeviceProfile& p) -> Bytes& { return p.caches[i].capacity; },
                                         1e5, i == 0 ? most_near : 2e9));
  }
  knobs.push_back(quantity_knob<BytesPerSecond>(
      [](DeviceProfile& p) -> BytesPerSecond& { return p.memory_bandwidth; }, 1e8, 1e13));
  knobs.push_back(number_knob([](DeviceProfile& p) -> double& { return p.efficiency.overlap; }, 0.01, 1));
  knobs.push_back(quantity_knob<Seconds>(
      [](DeviceProfile& p) -> Seconds& { return p.efficiency.kernel_floor; }, 1e-8, 1e-3));
  return knobs;
}

std::vector<Knob> attention_knobs(const DeviceProfile& profile) {
  std::vector<Knob> knobs{
      number_knob([](DeviceProfile& p) -> double& { return p.efficiency.attention_fraction; }, 0.002, 1),
      quantity_knob<Flops>([](DeviceProfile& p) -> Flops& { return p.efficiency.softmax_flops; }, 1, 1e5),
      quantity_knob<Seconds>([](DeviceProfile& p) -> Seconds& { return p.efficiency.attention_floor; }, 1e-7,
                             1e-3)};
  for (const auto& [format, share] : profile.efficiency.attention_fraction_of) {
    knobs.push_back(number_knob(
        [key = format](DeviceProfile& p) -> double& { return p.efficiency.attention_fraction_of[key]; },
        0.002, 4));
  }
  for (const auto& [format, share] : profile.efficiency.cache_fraction_of) {
    knobs.push_back(number_knob(
        [key = format](DeviceProfile& p) -> double& { return p.efficiency.cache_fraction_of[key]; }, 0.02,
        1));
  }
  return knobs;
}

}  // namespace

bool can_fit(std::span<const HostSample> samples) {
  return !of_kind(samples, HostKind::gemm, Split::calibration).empty();
}

DeviceProfile fit_host(std::span<const HostSample> samples) {
  const std::vector<const HostSample*> products = of_kind(samples, HostKind::gemm, Split::calibration);
  const std::int64_t threads = products.front()->threads;
  DeviceProfile profile = start_from(products, threads);
  search(profile, product_knobs(profile), Objective(products));
  profile.efficiency.expert_floor = profile.efficiency.kernel_floor;  // each expert is a product by itself

  const auto passes = of_kind(samples, HostKind::elementwise, Split::calibration);
  if (!passes.empty()) {
    profile.efficiency.elementwise_fraction = 0.1;
    search(
        profile,
        {number_knob([](DeviceProfile& p) -> double& { return p.efficiency.elementwise_fraction; }, 1e-3, 1)},
        Objective(passes));
  }
  const auto attention = of_kind(samples, HostKind::attention, Split::calibration);
  if (!attention.empty()) {
    profile.efficiency.attention_floor = profile.efficiency.kernel_floor;
    profile.efficiency.softmax_flops = Flops(200);
    for (const HostSample* sample : attention) {
      if (sample->work.format != NumberFormat::fp32) {
        profile.efficiency.attention_fraction_of[sample->work.format] = profile.efficiency.attention_fraction;
      }
      profile.efficiency.cache_fraction_of[sample->work.format] = 0.4;
    }
    search(profile, attention_knobs(profile), Objective(attention));
  }
  return profile;
}

double product_error(const DeviceProfile& profile, std::span<const HostSample> samples, Split split) {
  double sum = 0;
  const auto chosen = of_kind(samples, HostKind::gemm, split);
  for (const HostSample* sample : chosen) {
    sum += std::abs(predicted_time(at_pace(profile, sample->memory_pace), sample->work) / sample->least - 1);
  }
  return chosen.empty() ? 0 : sum / static_cast<double>(chosen.size());
}

}  // namespace mtok::validation
