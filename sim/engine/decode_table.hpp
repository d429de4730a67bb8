// Times of decode steps as straight lines over the context, found once for each number of sequences.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "sim/engine/demand.hpp"
#include "sim/engine/step_timer.hpp"
#include "sim/engine/ticks.hpp"

namespace mtok::engine {

/// A function of the context that is made of straight lines, with kinks where another resource becomes the
/// slowest and jumps of the energy where the kind of bound changes. The lines are found by doubling from
/// where one starts and halving to where it ends, so nothing need be known about the function. Where it is
/// no line within 1e-9 of its value, every context is a piece of its own.
class PiecewiseLine {
 public:
  using Function = std::function<Demand(std::int64_t context)>;
  /// Contexts of all sequences together end here.
  static constexpr std::int64_t kMost = std::int64_t{1} << 42;

  struct Piece {
    std::int64_t end = kMost;  ///< the first context beyond it
    Ticks base{};              ///< time at context 0
    Ticks slope{};             ///< time of one more key
    Demand demand_base{};
    Demand demand_slope{};
  };
  /// The piece that `context` lies on. Requires least <= context < kMost, with the same `least` >= 1 and
  /// `function` in every call.
  [[nodiscard]] const Piece& piece_at(std::int64_t context, std::int64_t least, const Function& function);
  /// The piece found last if `context` lies on it too, as most do; else null.
  [[nodiscard]] const Piece* same_piece(std::int64_t context) const {
    const bool same =
        !pieces_.empty() && context < pieces_[last_].end && (last_ == 0 || context >= pieces_[last_ - 1].end);
    return same ? &pieces_[last_] : nullptr;
  }

 private:
  [[nodiscard]] static Piece piece_from(std::int64_t start, const Function& function);

  std::vector<Piece> pieces_;  ///< in order, from `least` as far as was asked
  std::size_t last_ = 0;       ///< asked for last
};

/// The lines of all numbers of sequences and windows.
class DecodeTable {
 public:
  /// A decode step but for its attention.
  struct Fixed {
    Demand device{};            ///< kernels; energy of all devices of the replica
    Seconds waiting{};          ///< of the devices for each other
    Seconds attention_slack{};  ///< attention up to this long is hidden by what `device` waits for
    Seconds host{};  ///< step = device + waiting + host - host_hidden * min(device + waiting, host)
    double host_hidden = 0;
    Watts idle{};  ///< all devices, while waiting and for what the host adds
  };
  using FixedOf = std::function<Fixed(std::int64_t sequences)>;
  /// Attention of the layers with that window (0: none), all sequences and devices.
  using AttentionOf =
      std::function<Demand(std::int64_t sequences, std::int64_t window, std::int64_t context)>;
  DecodeTable(FixedOf fixed, AttentionOf attention)
      : fixed_of_(std::move(fixed)), attention_of_(std::move(attention)) {}

  /// The windows of the network, in the order of StepShape::decode_windowed.
  void set_windows(const std::vector<std::int64_t>& windows) { windows_ = windows; }

  /// As StepTimer::decode_run.
  [[nodiscard]] DecodeRun run(const StepShape& shape, std::span<const std::int64_t> windowed_growth);
  /// The attention of the decoding sequences of a step.
  [[nodiscard]] Demand attention(const StepShape& shape);

 private:
  struct Entry {
    bool known = false;
    Fixed fixed{};
    Ticks device{};  ///< with waiting
    Ticks host{};
    Ticks slack{};                       ///< attention_slack
    Ticks host_beyond{};                 ///< what of it stays when the devices' work is the longer of the two
    std::vector<PiecewiseLine> lines{};  ///< no window first, then as windows_
  };
  [[nodiscard]] Entry& entry(std::int64_t sequences);
  /// What grows by the same from step to step.
  struct Ramp {
    Ticks first{};
    Ticks growth{};
  };
  /// Of a step and how they grow, for `steps` steps at most: attention alone, and all work of the devices.
  struct Sums {
    Ramp attention{};
    Demand demand{};
    Demand demand_growth{};
    std::int64_t steps = INT64_MAX;
  };
  [[nodiscard]] Sums sums_of(Entry& known, const StepShape& shape,
                             std::span<const std::int64_t> windowed_growth);
  /// A step whose host time is longer than the devices' work, of which it hides a share.
  [[nodiscard]] Ramp behind_host(Entry& known, const StepShape& shape,
                                 std::span<const std::int64_t> windowed_growth, bool attention_hidden);
  [[nodiscard]] const PiecewiseLine::Piece& piece(Entry& entry, std::int64_t sequences, std::size_t line,
                                                  std::int64_t context);

  FixedOf fixed_of_;
  AttentionOf attention_of_;
  std::vector<std::int64_t> windows_;
  std::vector<Entry> entries_;  ///< by number of sequences
};

}  // namespace mtok::engine
