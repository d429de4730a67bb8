// How long one step of one replica takes, and on what.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "sim/engine/ticks.hpp"
#include "sim/units/quantity.hpp"

namespace mtok::engine {

/// New prompt tokens of one sequence in one step.
struct PrefillChunk {
  std::int64_t new_tokens = 0;
  std::int64_t context = 0;     ///< tokens of the sequence whose K and V exist already
  std::int64_t prefix_hit = 0;  ///< of the context, tokens that came from the prefix cache
  bool emits = false;           ///< the chunk completes the prompt, so the step emits a token for it
};

/// What one step processes. The decoding sequences are known by their number and by what they read together.
struct StepShape {
  std::int64_t decode_sequences = 0;
  std::int64_t decode_context = 0;  ///< sum over them of the keys each new token sees, itself included
  /// The same sum with each term cut to a window, one entry per entry of StepTimer::windows().
  std::span<const std::int64_t> decode_windowed{};
  std::span<const PrefillChunk> prefill{};
  /// Tokens that each decoding sequence has verified beside its new one: each of these queries sees one key
  /// more than the one before.
  std::int64_t draft_tokens = 0;
  std::int64_t adapters = 0;  ///< distinct low-rank adapters of the requests in the batch
};

/// Time, energy and demand of one step. prefill + cached + decode = duration.
struct StepCost {
  Seconds duration{};
  Seconds prefill{};
  Seconds cached{};  ///< what reading the prefix hits costs prefill
  Seconds decode{};
  Joules energy{};         ///< of all devices of the replica
  Seconds compute_peak{};  ///< time the step would take at the peak of the multipliers
  Seconds memory_peak{};   ///< ... at the peak of the memory
};

/// Steps that follow each other while the same sequences decode, one token each.
struct DecodeRun {
  Ticks duration{};        ///< of the first step
  Ticks growth{};          ///< by how much each step takes longer than the one before; never negative
  std::int64_t steps = 1;  ///< for how many steps this holds, at least 1
  Joules energy{};         ///< of the first step, all devices of the replica
  Joules energy_growth{};
  Seconds compute_peak{};  ///< as in StepCost, of the first step
  Seconds compute_growth{};
  Seconds memory_peak{};
  Seconds memory_growth{};
};

/// Times the steps of one deployment: network x sharding x formats x device x framework.
class StepTimer {
 public:
  virtual ~StepTimer() = default;
  /// Distinct attention windows of the network, in tokens; empty when every layer sees everything.
  [[nodiscard]] virtual std::span<const std::int64_t> windows() const = 0;
  /// The same shape always costs the same; not const because tables are filled on first use.
  /// Requires at least one decoding sequence or one chunk.
  [[nodiscard]] virtual StepCost cost_of(const StepShape& shape) = 0;
  /// Steps of decodes alone from `shape` on, which has no prefill; decode_context grows by decode_sequences
  /// with each step and each entry of decode_windowed by its entry of `windowed_growth`. The first step is a
  /// function of the shape alone, whatever run it is asked in: asked again later in the run, the answer is
  /// the rest of the run. This default answers one step at a time.
  [[nodiscard]] virtual DecodeRun decode_run(const StepShape& shape,
                                             std::span<const std::int64_t> windowed_growth);
  /// Power of all devices of the replica while nothing runs.
  [[nodiscard]] virtual Watts idle_power() const = 0;
};

}  // namespace mtok::engine
