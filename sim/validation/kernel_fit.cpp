// Pattern search over the efficiency constants of a device.
#include "sim/validation/kernel_fit.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "sim/units/text.hpp"
#include "sim/validation/fit_constants.hpp"

namespace mtok::validation {
namespace {

using hardware::DeviceProfile;
using hardware::Efficiency;

constexpr double kOutlier = 0.693147;  ///< ln 2: beyond, a row pulls a tenth as much
constexpr double kPull = 0.01;         ///< error that a constant may cost for e times its start
constexpr double kFirstStep = 1.6;     ///< of the search, in logarithms
constexpr double kLastStep = 0.02;
constexpr double kLeastGain = 1e-5;  ///< in the objective, for a step to be kept

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

/// Months since year 0 of an ISO date; 0 where there is none.
double months(const std::string& date) {
  const auto year = units::parse_integer(std::string_view(date).substr(0, 4));
  const auto month =
      date.size() >= 7 ? units::parse_integer(std::string_view(date).substr(5, 2)) : std::nullopt;
  return static_cast<double>(year.value_or(0) * 12 + month.value_or(0));
}

/// See judge_by_others; the first is the nearest in time.
std::vector<const DeviceProfile*> donors_for(std::span<const KernelFit> fits, std::size_t which) {
  const DeviceProfile& own = fits[which].profile;
  const auto distance = [&own](const DeviceProfile& other) {
    return std::abs(months(other.released) - months(own.released));
  };
  std::vector<const DeviceProfile*> kin;
  for (const KernelFit& fit : fits) {
    if (fit.profile.name != own.name && fit.profile.kind == own.kind) {
      kin.push_back(&fit.profile);
    }
  }
  std::stable_sort(kin.begin(), kin.end(), [&](const DeviceProfile* a, const DeviceProfile* b) {
    return std::pair(a->vendor != own.vendor, distance(*a)) <
           std::pair(b->vendor != own.vendor, distance(*b));
  });
  std::vector<const DeviceProfile*> same;
  std::copy_if(kin.begin(), kin.end(), std::back_inserter(same),
               [&own](const DeviceProfile* other) { return other->architecture == own.architecture; });
  if (same.empty() && !kin.empty()) {
    same.push_back(kin.front());
  }
  return same;
}

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

void judge_by_others(std::span<KernelFit> fits, std::size_t which, std::span<const KernelRow> rows) {
  KernelFit& fit = fits[which];
  const std::vector<const DeviceProfile*> donors = donors_for(fits, which);
  if (donors.empty()) {
    return;
  }
  DeviceProfile profile = fit.profile;
  profile.efficiency = donors.front()->efficiency;
  profile.efficiency.softmax_flops = fit.profile.efficiency.softmax_flops;
  for (const Knob& knob : knobs_for(profile, rows)) {
    double logs = 0;
    for (const DeviceProfile* donor : donors) {
      logs += std::log(knob.get(donor->efficiency));
    }
    knob.set(profile.efficiency, std::exp(logs / static_cast<double>(donors.size())));
  }
  for (const DeviceProfile* donor : donors) {
    fit.donors.push_back(donor->name);
  }
  PlacedDevices devices(profile);
  std::map<std::string, std::vector<double>> apes;
  for (const KernelRow& row : rows) {
    Outcome& outcome = fit.others.emplace_back(row.outcome);
    outcome.family = kind_of(row);
    outcome.predicted = devices.time_of(row).base() * 1e6;
    const double ape = std::abs(*outcome.predicted / outcome.measured - 1);
    apes["all"].push_back(ape);
    apes[outcome.family].push_back(ape);
  }
  for (FitError& error : fit.errors) {
    error.others = median(apes[error.kind]);
  }
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
