// Groups samples by device, fits, predicts, and pairs what belongs together.
#include "sim/validation/host_judgement.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "sim/model/step_graph.hpp"
#include "sim/validation/host_fit.hpp"
#include "sim/validation/host_prediction.hpp"

namespace mtok::validation {
namespace {

using kernel::NumberFormat;

bool is_step(const HostWork& work) {
  return work.kind == HostKind::prefill || work.kind == HostKind::decode;
}

double new_tokens(const HostWork& work) {
  return static_cast<double>(work.kind == HostKind::prefill ? work.m * work.context : work.m);
}

const HostRow* find_row(const std::vector<HostRow>& rows, const HostWork& work) {
  const auto found =
      std::find_if(rows.begin(), rows.end(), [&](const HostRow& row) { return row.sample.work == work; });
  return found != rows.end() ? &*found : nullptr;
}

std::vector<SpeedUp> speed_ups_of(const std::vector<HostRow>& rows) {
  constexpr std::array<std::pair<NumberFormat, NumberFormat>, 3> kPairs{
      {{NumberFormat::int8, NumberFormat::fp32},
       {NumberFormat::bf16, NumberFormat::fp32},
       {NumberFormat::int8, NumberFormat::bf16}}};
  std::vector<SpeedUp> speed_ups;
  for (const auto& [fast, slow] : kPairs) {
    for (const HostRow& row : rows) {
      if (row.sample.work.kind != HostKind::gemm || row.sample.split != Split::validation ||
          row.sample.work.format != fast) {
        continue;
      }
      HostWork other = row.sample.work;
      other.format = slow;
      if (const HostRow* const base = find_row(rows, other)) {
        speed_ups.push_back({.formats = fmt::format("{}/{}", kernel::name_of(fast), kernel::name_of(slow)),
                             .work = row.sample.work,
                             .measured = base->sample.least / row.sample.least,
                             .predicted = base->predicted / row.predicted});
      }
    }
  }
  return speed_ups;
}

std::optional<HostRow> twin_of(const std::vector<HostRow>& rows, HostWork work, HostKind kind,
                               std::int64_t experts) {
  work.kind = kind;
  work.n *= experts;
  work.experts = 0;
  work.top_k = 0;
  const HostRow* const found = find_row(rows, work);
  return found != nullptr ? std::optional(*found) : std::nullopt;
}

std::vector<MixtureRow> mixtures_of(const std::vector<HostRow>& rows) {
  std::vector<MixtureRow> mixtures;
  for (const HostRow& row : rows) {
    const HostWork& work = row.sample.work;
    if (work.kind == HostKind::moe) {
      mixtures.push_back({.layer = row,
                          .dense_active = twin_of(rows, work, HostKind::dense_active, work.top_k),
                          .dense_total = twin_of(rows, work, HostKind::dense_total, work.experts),
                          .expected_distinct = model::expected_experts(work.experts, work.top_k,
                                                                       static_cast<double>(work.m))});
    }
  }
  return mixtures;
}

std::string family_of(const HostWork& work) {
  const std::string family = fmt::format("{} {}", name_of(work.kind), kernel::name_of(work.format));
  return work.kind == HostKind::gemm ? family + (work.cold ? " cold" : " hot") : family;
}

Outcome outcome_of(const HostDevice& device, const HostRow& row) {
  Outcome outcome{.row_id = fmt::format("{}, {}", shape_text(row.sample.work), device.name()),
                  .metric = "latency_us",
                  .unit = "us",
                  .device = device.name(),
                  .family = family_of(row.sample.work),
                  .measured = row.sample.least.base() * 1e6,
                  .predicted = row.predicted.base() * 1e6};
  if (is_step(row.sample.work)) {
    outcome.metric = "tokens_per_s";
    outcome.unit = "tokens/s";
    outcome.measured = row.measured_tokens_per_s();
    outcome.predicted = row.predicted_tokens_per_s();
  }
  return outcome;
}

}  // namespace

double HostRow::ape() const {
  return is_step(sample.work) ? std::abs(sample.least / predicted - 1)
                              : std::abs(predicted / sample.least - 1);
}
double HostRow::measured_tokens_per_s() const {
  return new_tokens(sample.work) / sample.least.base();
}
double HostRow::predicted_tokens_per_s() const {
  return new_tokens(sample.work) / predicted.base();
}

std::string HostDevice::name() const {
  return fmt::format("{}, {} {}", isa, threads, threads == 1 ? "thread" : "threads");
}

std::vector<HostDevice> judge_host(std::span<const HostSample> samples, const planner::Catalogue& catalogue,
                                   const hardware::DeviceProfile* given) {
  std::vector<HostDevice> devices;
  std::vector<std::vector<HostSample>> groups;
  for (const HostSample& sample : samples) {
    const auto found = std::find_if(devices.begin(), devices.end(), [&](const HostDevice& device) {
      return device.isa == sample.isa && device.threads == sample.threads;
    });
    const auto at = static_cast<std::size_t>(found - devices.begin());
    if (found == devices.end()) {
      devices.push_back({.isa = sample.isa, .threads = sample.threads});
      groups.emplace_back();
    }
    groups[at].push_back(sample);
  }
  std::vector<HostDevice> judged;
  for (std::size_t i = 0; i < devices.size(); ++i) {
    HostDevice& device = devices[i];
    if (given == nullptr && !can_fit(groups[i])) {
      continue;
    }
    device.profile = given != nullptr ? *given : fit_host(groups[i]);
    const auto predicted = [&](const HostSample& sample, double pace) {
      const hardware::DeviceProfile profile = at_pace(device.profile, pace);
      return is_step(sample.work) ? predicted_step(profile, sample.work, catalogue)
                                  : predicted_time(profile, sample.work);
    };
    for (const HostSample& sample : groups[i]) {
      device.rows.push_back({.sample = sample,
                             .predicted = predicted(sample, sample.memory_pace),
                             .predicted_at_best = predicted(sample, 1)});
    }
    device.speed_ups = speed_ups_of(device.rows);
    device.mixtures = mixtures_of(device.rows);
    judged.push_back(std::move(device));
  }
  return judged;
}

std::vector<Outcome> outcomes_of(std::span<const HostDevice> devices) {
  std::vector<Outcome> outcomes;
  for (const HostDevice& device : devices) {
    for (const HostRow& row : device.rows) {
      if (row.sample.split != Split::calibration) {
        outcomes.push_back(outcome_of(device, row));
      }
    }
  }
  for (const HostDevice& device : devices) {
    for (const SpeedUp& speed_up : device.speed_ups) {
      outcomes.push_back({.row_id = fmt::format("{}, {}", shape_text(speed_up.work), device.name()),
                          .metric = "speed_up",
                          .unit = "times",
                          .device = device.name(),
                          .family = "speed-up " + speed_up.formats,
                          .measured = speed_up.measured,
                          .predicted = speed_up.predicted});
    }
  }
  for (const HostDevice& device : devices) {
    for (const MixtureRow& mixture : device.mixtures) {
      outcomes.push_back(
          {.row_id = shape_text(mixture.layer.sample.work),
           .metric = "distinct_experts",
           .unit = "experts",
           .device = device.name(),
           .family = fmt::format("distinct experts {}", kernel::name_of(mixture.layer.sample.work.format)),
           .measured = mixture.layer.sample.distinct,
           .predicted = mixture.expected_distinct});
    }
  }
  return outcomes;
}

}  // namespace mtok::validation
