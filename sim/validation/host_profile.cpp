// Text of a host's profile, block by block.
#include "sim/validation/host_profile.hpp"

#include <fmt/format.h>

#include "sim/units/text.hpp"
#include "sim/validation/host_fit.hpp"

namespace mtok::validation {
namespace {

using hardware::DeviceProfile;

constexpr int kDigits = 5;           // so that reading it back changes no prediction by more than 1e-4
constexpr double kWattsPerCore = 8;  // plain estimate: a server processor of 250 to 400 W with 32 to 64 cores
constexpr double kIdleShare = 0.35;  // as the shipped processors

template <class Q>
std::string text(Q value) {
  return units::to_text(value, kDigits);
}

std::string share(double value) {
  return units::fixed(value, kDigits);
}

/// Printable signs but for the quote, which would end the text.
std::string in_quotes(std::string_view words) {
  std::string safe = "\"";
  for (const char sign : words) {
    safe += sign >= ' ' && sign <= '~' && sign != '"' && sign != '\\' ? sign : ' ';
  }
  return safe + '"';
}

template <class Q, class Write>
std::string by_format(const std::map<kernel::NumberFormat, Q>& values, const Write& write) {
  std::string lines;
  for (const auto& [format, value] : values) {
    lines += fmt::format("    {}: {}\n", kernel::name_of(format), write(value));
  }
  return lines;
}

std::string fitted_block(const DeviceProfile& profile, const std::string& measured,
                         std::span<const HostSample> samples) {
  const hardware::Efficiency& e = profile.efficiency;
  const double error = product_error(profile, samples, Split::calibration);
  const double judged = product_error(profile, samples, Split::validation);
  const std::string judged_line = judged > 0 ? fmt::format("  judged_error: {}\n", share(judged)) : "";
  std::string block = fmt::format(
      "fitted:\n  data: {}\n  rows: {}\n  error: {}\n{}"
      "  peak_fraction: 1\n  bandwidth_fraction: 1\n  half_bandwidth: 0 B\n  overlap: {}\n"
      "  kernel_floor: {}\n  expert_floor: {}\n  elementwise_fraction: {}\n"
      "  attention_fraction: {}\n  softmax_flops: {}\n  attention_floor: {}\n",
      in_quotes(measured), samples.size(), share(error), judged_line, share(e.overlap), text(e.kernel_floor),
      text(e.expert_floor), share(e.elementwise_fraction), share(e.attention_fraction), text(e.softmax_flops),
      text(e.attention_floor));
  block += "  unpack_rows_of:\n" + by_format(e.unpack_rows_of, share);
  if (!e.attention_fraction_of.empty()) {
    block += "  attention_fraction_of:\n" + by_format(e.attention_fraction_of, share);
  }
  if (!e.cache_fraction_of.empty()) {
    block += "  cache_fraction_of:\n" + by_format(e.cache_fraction_of, share);
  }
  return block;
}

}  // namespace

std::string host_profile_text(const DeviceProfile& fitted, const host::Machine& machine,
                              std::span<const HostSample> samples) {
  const std::string measured = fmt::format("measured on this machine with {}, {}, {} threads",
                                           machine.library, machine.isa, machine.threads);
  std::string profile = fmt::format(
      "# {} with {} threads: measured by `mtok calibrate host`.\nname: host\nvendor: {}\n"
      "architecture: {}\nkind: cpu\nreleased: unknown\nnotes: {}\n",
      "This machine", machine.threads, in_quotes(machine.cpu), in_quotes(machine.isa),
      in_quotes("rates are what the kernel library reached, not a data sheet's; power is a plain estimate"));
  profile += fmt::format("compute:\n  units: {}\n  peak:\n{}  source: {}\n", fitted.compute_units,
                         by_format(fitted.peak, text<FlopsPerSecond>), in_quotes(measured));
  profile += fmt::format("memory:\n  capacity: {}\n  bandwidth: {}\n  source: {}\n", text(machine.memory),
                         text(fitted.memory_bandwidth),
                         in_quotes("capacity: as the system says; bandwidth: " + measured));
  profile += "caches:\n  levels:\n";
  for (const hardware::CacheLevel& level : fitted.caches) {
    profile += fmt::format("    - {{name: {}, capacity: {}, bandwidth: {}}}\n", level.name,
                           text(level.capacity), text(level.bandwidth));
  }
  profile += fmt::format("  source: {}\n", in_quotes("effective sizes and rates, " + measured));
  profile += fmt::format("links:\n  host: {}\n  source: {}\n", text(fitted.memory_bandwidth),
                         in_quotes("the processor is the host: its memory bandwidth"));
  profile += fmt::format("power:\n  tdp: {}\n  idle_fraction: {}\n  source: {}\n",
                         text(Watts(kWattsPerCore * static_cast<double>(machine.threads))), kIdleShare,
                         in_quotes("plain estimate, to be calibrated: 8 W a core"));
  return profile + fitted_block(fitted, measured, samples);
}

}  // namespace mtok::validation
