// The constants of a device that a fit may move: their ranges, and which rows bear on them.
#include "sim/validation/fit_constants.hpp"

#include <algorithm>
#include <set>

#include "sim/units/text.hpp"

namespace mtok::validation {
namespace {

using hardware::DeviceProfile;
using hardware::Efficiency;
using kernel::NumberFormat;

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

}  // namespace

std::string share_text(double value) {
  return units::fixed(value, 3);
}

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

std::vector<Knob> knobs_for(const DeviceProfile& profile, std::span<const KernelRow> rows) {
  std::set<NumberFormat> multiplied;
  std::set<NumberFormat> activations;
  std::set<NumberFormat> grouped;
  std::set<NumberFormat> widened;
  std::set<NumberFormat> narrow_attention;
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
    // A GPU splits the cache over its units; other kernels walk it.
    knobs.push_back(profile.kind == hardware::DeviceKind::gpu
                        ? quantity_knob("cache_ramp", {"attention"}, &Efficiency::cache_ramp, 1e3, 300e6)
                        : share_knob("cache_fraction", {"attention"}, &Efficiency::cache_fraction));
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

}  // namespace mtok::validation
