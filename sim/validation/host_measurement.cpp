// Blocks of measurements between two looks at the pace of the machine.
#include "sim/validation/host_measurement.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <span>

#include "sim/host/buffer.hpp"
#include "sim/host/matmul.hpp"
#include "sim/host/probe.hpp"
#include "sim/host/stopwatch.hpp"
#include "sim/validation/host_layers.hpp"
#include "sim/validation/host_prediction.hpp"

namespace mtok::validation {
namespace {

using kernel::NumberFormat;

constexpr std::array<NumberFormat, 3> kFormats{NumberFormat::fp32, NumberFormat::bf16, NumberFormat::int8};
constexpr int kRepeats = 3;  ///< of a disturbed block, while there is time
constexpr std::size_t kLeastPool = std::size_t{256} << 20U;
constexpr std::size_t kMostPool = std::size_t{1} << 30U;

struct Shape {
  std::int64_t k = 0;
  std::int64_t n = 0;
  Split split = Split::calibration;
  bool quick = false;  ///< measured by the quick plan, too
};

/// Projections, FFNs and experts as networks of 0.5 to 8 B parameters have them; calibration and validation
/// take turns, and none is in both.
constexpr std::array<Shape, 16> kShapes{{{2048, 2048, Split::calibration, true},
                                         {2048, 3072, Split::validation, true},
                                         {512, 512, Split::calibration, true},
                                         {768, 768, Split::validation, false},
                                         {1024, 1024, Split::calibration, false},
                                         {1024, 1536, Split::validation, true},
                                         {2048, 8192, Split::calibration, true},
                                         {2048, 6144, Split::validation, true},
                                         {4096, 1024, Split::calibration, true},
                                         {3072, 1024, Split::validation, false},
                                         {768, 2048, Split::calibration, true},
                                         {1536, 2048, Split::validation, true},
                                         {1024, 4096, Split::calibration, false},
                                         {896, 4864, Split::validation, false},
                                         {256, 1024, Split::calibration, true},
                                         {512, 1024, Split::validation, false}}};
constexpr std::array<std::int64_t, 8> kRows{1, 2, 4, 8, 16, 32, 64, 256};
constexpr std::array<std::int64_t, 4> kQuickRows{1, 4, 16, 128};

/// Weights for all formats: pairs of bytes that are BF16 numbers of sane size, so that two of them make a
/// sane F32 and each byte an INT8.
void fill_for_all_formats(const host::Buffer& buffer) {
  host::fill_bf16(buffer.as<std::uint16_t>(), buffer.size() / 2, 7);
}

class GemmBench {
 public:
  GemmBench(const host::Library& library, const host::Buffer& pool, const host::Buffer& operands)
      : library_(library), pool_(pool), operands_(operands) {}

  /// One product, hot or cold.
  [[nodiscard]] HostSample measured(const HostWork& work, Split split, const host::Effort& effort) const {
    const host::Matmul product(
        library_, {.m = work.m, .n = work.n, .k = work.k, .weights = work.format, .activations = work.format},
        scales_for(work));
    std::byte* const input = operands_.data();
    std::byte* const output = operands_.data() + operands_.size() / 2;
    const std::size_t step = (product.weight_bytes() + kPage - 1) / kPage * kPage;
    std::size_t at = 0;
    const host::Timing timing = host::time_of(
        [&] {
          product.run(input, pool_.data() + at, output);
          if (work.cold) {
            at = at + 2 * step <= pool_.size() ? at + step : 0;
          }
        },
        effort);
    return {.work = work,
            .split = split,
            .isa = library_.machine().isa,
            .threads = library_.machine().threads,
            .implementation = product.implementation(),
            .least = timing.least,
            .median = timing.median};
  }

 private:
  static constexpr std::size_t kPage = 4096;
  static std::vector<float> scales_for(const HostWork& work) {
    return work.format == NumberFormat::int8 ? std::vector<float>(static_cast<std::size_t>(work.n), 0.01F)
                                             : std::vector<float>{};
  }

  const host::Library& library_;
  const host::Buffer& pool_;
  const host::Buffer& operands_;
};

/// Keeps of each work the sample with the least time, and the pace beside it.
class Best {
 public:
  void add(const HostSample& sample, const host::Pace& pace) {
    for (Entry& known : entries_) {
      if (known.sample.work == sample.work && known.sample.threads == sample.threads) {
        const Seconds median = std::min(known.sample.median, sample.median);
        if (sample.least < known.sample.least) {
          known = {sample, pace};
        }
        known.sample.median = median;
        return;
      }
    }
    entries_.push_back({sample, pace});
  }
  /// All samples, their paces as shares of the best.
  [[nodiscard]] std::vector<HostSample> take(const std::map<std::int64_t, host::Pace>& best) && {
    std::vector<HostSample> samples;
    for (Entry& entry : entries_) {
      const host::Pace& most = best.at(entry.sample.threads);
      entry.sample.compute_pace = entry.pace.multiply / most.multiply;
      entry.sample.memory_pace = entry.pace.stream / most.stream;
      samples.push_back(std::move(entry.sample));
    }
    return samples;
  }

 private:
  struct Entry {
    HostSample sample{};
    host::Pace pace{};
  };
  std::vector<Entry> entries_;
};

/// Heads and contexts of small networks; what is calibrated and what is judged differ in both.
std::vector<HostWork> attention_works(Split split, NumberFormat format, bool quick) {
  const auto work = [format](std::int64_t sequences, std::int64_t fresh, std::int64_t context,
                             std::int64_t heads, std::int64_t kv_heads, std::int64_t head_dim) {
    return HostWork{.kind = HostKind::attention,
                    .format = format,
                    .cold = true,
                    .m = sequences,
                    .n = fresh,
                    .context = context,
                    .heads = heads,
                    .kv_heads = kv_heads,
                    .head_dim = head_dim};
  };
  std::vector<HostWork> works;
  if (split == Split::calibration) {
    works = {work(1, 1, 1024, 32, 8, 64), work(8, 1, 512, 16, 8, 128), work(1, 256, 256, 32, 8, 64),
             work(4, 1, 2048, 32, 8, 128), work(1, 256, 256, 16, 8, 128)};
  } else {
    works = {work(8, 1, 1024, 32, 8, 64), work(2, 1, 1024, 16, 8, 128), work(1, 384, 384, 16, 8, 128)};
  }
  if (format == NumberFormat::int8) {  // networks multiply a cache in 8 bits in decode only
    std::erase_if(works, [](const HostWork& one) { return one.n > 1; });
  }
  if (quick) {
    std::erase_if(works, [](const HostWork& one) { return one.context > 1024; });
  }
  return works;
}

std::vector<HostWork> pass_works(NumberFormat format) {
  std::vector<HostWork> works;
  for (const std::int64_t m : {1, 64, 512}) {
    works.push_back({.kind = HostKind::elementwise, .format = format, .m = m, .n = 2048});
  }
  return works;
}

/// Two mixtures of experts at all batches, and dense twins of equal active and of equal total parameters.
std::vector<HostWork> layer_works(NumberFormat format, bool quick) {
  struct Mixture {
    std::int64_t hidden, width, experts, top_k;
    std::vector<std::int64_t> batches;
  };
  std::vector<Mixture> mixtures{{2048, 768, 128, 8, {1, 2, 4, 8, 16, 32, 64, 128, 256}},
                                {2048, 4096, 8, 2, {1, 4, 16, 64, 256}}};
  if (quick) {
    mixtures = {{2048, 768, 128, 8, {1, 16, 128}}};
  }
  std::vector<HostWork> works;
  for (const Mixture& mixture : mixtures) {
    for (const std::int64_t batch : mixture.batches) {
      HostWork work{.kind = HostKind::moe,
                    .format = format,
                    .cold = true,
                    .m = batch,
                    .n = mixture.width,
                    .k = mixture.hidden,
                    .experts = mixture.experts,
                    .top_k = mixture.top_k};
      works.push_back(work);
      work.experts = 0;
      work.top_k = 0;
      work.kind = HostKind::dense_active;
      work.n = mixture.top_k * mixture.width;
      works.push_back(work);
      if (format == NumberFormat::int8 && (batch == 1 || batch == 16 || batch == 256)) {
        work.kind = HostKind::dense_total;
        work.n = mixture.experts * mixture.width;
        works.push_back(work);
      }
    }
  }
  return works;
}

/// Ends a measurement from within.
struct Stop {};

class Session {
 public:
  Session(const HostPlan& plan, const planner::Catalogue& catalogue, const HostProgress& progress)
      : plan_(plan), catalogue_(catalogue), progress_(progress) {}

  HostMeasurement run() {
    const int rounds = plan_.quick ? 1 : 2;
    for (int round = 0; round < rounds; ++round) {
      for (const std::int64_t threads : plan_.threads) {
        announce(fmt::format("round {} of {}: products with {} {}", round + 1, rounds, threads,
                             threads == 1 ? "thread" : "threads"));
        kernels(threads);
      }
    }
    if (!plan_.calibration_only) {
      compositions();
    }
    result_.samples = std::move(best_).take(best_pace_);
    result_.disturbed_blocks = blocks_ > 0 ? disturbed_ / blocks_ : 0;
    return std::move(result_);
  }

 private:
  void announce(const std::string& what) const {
    if (!progress_(what)) {
      throw Stop();
    }
  }

  [[nodiscard]] bool wanted(Split split) const {
    return split == Split::calibration || !plan_.calibration_only;
  }

  /// Products, element-wise passes and attention, calibration and validation shapes in turn.
  void kernels(std::int64_t threads) {
    const host::Library library(threads);
    const std::vector<NumberFormat> formats = begin(library);
    const GemmBench bench(library, pool_, operands_);
    for (const Shape& shape : kShapes) {
      if (wanted(shape.split) && (shape.quick || !plan_.quick)) {
        for (const NumberFormat format : formats) {
          block([&](std::vector<HostSample>& samples) { products(bench, shape, format, samples); });
        }
      }
    }
    block([&](std::vector<HostSample>& samples) {
      for (const NumberFormat format : formats) {
        for (const HostWork& work : pass_works(format)) {
          samples.push_back(measure_kernel(library, work));
        }
      }
    });
    for (const Split split : {Split::calibration, Split::validation}) {
      if (!wanted(split)) {
        continue;
      }
      block([&](std::vector<HostSample>& samples) {
        for (const NumberFormat format : formats) {
          for (const HostWork& work : attention_works(split, format, plan_.quick)) {
            samples.push_back(measure_kernel(library, work));
            samples.back().split = split;
          }
        }
      });
    }
    probe_.reset();
  }

  /// Layers and forward passes, with all threads.
  void compositions() {
    const host::Library library(*std::max_element(plan_.threads.begin(), plan_.threads.end()));
    const std::vector<NumberFormat> formats = begin(library);
    {
      host::Buffer weights;
      for (const NumberFormat format : {NumberFormat::int8, NumberFormat::bf16}) {
        if (std::find(formats.begin(), formats.end(), format) == formats.end() ||
            (plan_.quick && format == NumberFormat::bf16)) {
          continue;
        }
        announce(fmt::format("mixtures of experts in {}", kernel::name_of(format)));
        for (const HostWork& work : layer_works(format, plan_.quick)) {
          block([&](std::vector<HostSample>& samples) {
            samples.push_back(measure_layer(library, work, weights));
          });
        }
      }
    }
    for (const HostModel& model : plan_.models) {
      const bool runs = std::find(formats.begin(), formats.end(), model.format) != formats.end() &&
                        std::find(formats.begin(), formats.end(), NumberFormat::bf16) != formats.end();
      if (runs) {
        announce(fmt::format("forward passes of {}", model.name));
        forward_passes(library, model);
      }
    }
    probe_.reset();
  }

  void forward_passes(const host::Library& library, const HostModel& model) {
    const model::Architecture architecture = architecture_of(catalogue_, model.name, model.layers);
    for (const std::int64_t sequences : {1, 8}) {
      host::Network network(library, shape_of(architecture, model.format), sequences, kLongestContext);
      HostWork work{.kind = HostKind::decode,
                    .format = model.format,
                    .cold = true,
                    .m = sequences,
                    .n = architecture.layers(),
                    .context = kLongestContext,
                    .model = model.name};
      const auto step = [&] {
        block([&](std::vector<HostSample>& samples) {
          samples.push_back(measure_step(library, network, work));
        });
      };
      step();
      if (sequences == 1) {
        work.kind = HostKind::prefill;
        work.context = kLongestContext / 4;
        step();
        if (!plan_.quick) {
          work.context = kLongestContext;
          step();
        }
      }
    }
  }

  void products(const GemmBench& bench, const Shape& shape, NumberFormat format,
                std::vector<HostSample>& samples) const {
    const std::span<const std::int64_t> rows =
        plan_.quick ? std::span<const std::int64_t>(kQuickRows) : std::span<const std::int64_t>(kRows);
    for (const std::int64_t m : rows) {
      for (const bool cold : {false, true}) {
        samples.push_back(bench.measured(
            {.kind = HostKind::gemm, .format = format, .cold = cold, .m = m, .n = shape.n, .k = shape.k},
            shape.split, effort_for(cold)));
      }
    }
  }

  /// Cold weights are read over a longer burst: single reads of memory are now and then lucky, and a layer of
  /// many products is not lucky in all of them.
  [[nodiscard]] host::Effort effort_for(bool cold) const {
    return {.time = Seconds(plan_.quick ? 0.008 : 0.012),
            .least_readings = 4,
            .burst = Seconds(cold ? 1.5e-3 : 0.2e-3)};
  }

  /// Measures between two looks at the machine, again when one of them falls short of the best pace that was
  /// seen with so many threads. The look after one block is the look before the next.
  template <class Measure>
  void block(const Measure& measure) {
    blocks_ += 1;
    for (int attempt = 0; attempt <= kRepeats; ++attempt) {
      const Seconds start = host::now();
      std::vector<HostSample> samples;
      measure(samples);
      const host::Pace after = probe_->look();
      host::Pace& best = best_pace_[result_.machine.threads];
      best = host::faster(best, host::faster(pace_, after));
      const double change = std::max(host::shortfall(pace_, best), host::shortfall(after, best));
      for (const HostSample& sample : samples) {
        best_.add(sample, host::between(pace_, after));
      }
      pace_ = after;
      if (change <= kSteady) {
        return;
      }
      repeats_left_ -= host::now() - start;
      if (repeats_left_ < Seconds{}) {
        break;
      }
    }
    disturbed_ += 1;
  }

  /// Sets the probe and the memory up. Returns the formats that the library has kernels for.
  std::vector<NumberFormat> begin(const host::Library& library) {
    result_.machine = library.machine();
    if (pool_.size() == 0) {
      const auto caches = static_cast<std::size_t>(4 * library.machine().last_level_cache.base());
      pool_ = host::Buffer(std::clamp(caches, kLeastPool, kMostPool));
      operands_ = host::Buffer(std::size_t{64} << 20U);
      fill_for_all_formats(pool_);
      fill_for_all_formats(operands_);
    }
    probe_ = std::make_unique<host::Probe>(library);
    pace_ = probe_->look();
    std::vector<NumberFormat> formats;
    std::copy_if(kFormats.begin(), kFormats.end(), std::back_inserter(formats),
                 [&](NumberFormat format) { return host::Matmul::supports(library, format); });
    return formats;
  }

  const HostPlan& plan_;
  const planner::Catalogue& catalogue_;
  const HostProgress& progress_;
  HostMeasurement result_;
  Best best_;
  host::Pace pace_;                                 ///< at the last look
  std::map<std::int64_t, host::Pace> best_pace_;    ///< by number of threads
  Seconds repeats_left_{plan_.quick ? 6.0 : 40.0};  ///< what repeats of disturbed blocks may still cost
  double blocks_ = 0;
  double disturbed_ = 0;
  host::Buffer pool_;
  host::Buffer operands_;
  std::unique_ptr<host::Probe> probe_;
};

}  // namespace

HostPlan full_plan(bool quick) {
  HostPlan plan{.quick = quick};
  if (host::available_cores() > 1) {
    plan.threads.push_back(host::available_cores());
  }
  plan.models = {{.name = "qwen3-0.6b", .format = NumberFormat::bf16}};
  if (!quick) {
    plan.models.push_back({.name = "llama-3.2-1b", .format = NumberFormat::int8});
    plan.models.push_back({.name = "qwen3-30b-a3b", .layers = 2, .format = NumberFormat::int8});
  }
  return plan;
}

HostMeasurement measure_host(const HostPlan& plan, const planner::Catalogue& catalogue,
                             const HostProgress& progress) {
  try {
    return Session(plan, catalogue, progress).run();
  } catch (const Stop&) {
    return {.stopped = true};
  }
}

}  // namespace mtok::validation
