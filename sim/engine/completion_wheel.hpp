// The decoding sequences by the step before which they leave: a hierarchical timing wheel.
#pragma once

#include <array>
#include <bit>
#include <cassert>
#include <cstddef>
#include <cstdint>

#include "sim/engine/sequence.hpp"

namespace mtok::engine {

/// Steps as numbers to base 64, one wheel of 64 slots for each digit. A sequence lies in the wheel of the
/// highest digit in which its step differs from step(), and comes down when the turn of that digit has come:
/// adding, removing and moving on take constant time, whatever the number of sequences.
/// Source: Varghese and Lauck, "Hashed and hierarchical timing wheels" (SOSP 1987), scheme 7.
class CompletionWheel {
 public:
  static constexpr std::int64_t kNoStep = INT64_MAX;

  /// Requires sequence.due >= step(), and that it lies in no wheel.
  void add(Sequence& sequence) {
    assert(sequence.due >= step_);
    const std::size_t wheel = wheel_of(sequence.due);
    const std::size_t slot = digit(sequence.due, wheel);
    Sequence*& head = heads_[wheel * kSlots + slot];
    sequence.due_slot = static_cast<std::uint16_t>(wheel * kSlots + slot);
    sequence.due_before = nullptr;
    sequence.due_behind = head;
    if (head != nullptr) {
      head->due_before = &sequence;
    }
    head = &sequence;
    taken_[wheel] |= std::uint64_t{1} << slot;
  }
  void remove(Sequence& sequence) {
    const std::size_t slot = sequence.due_slot;
    if (sequence.due_behind != nullptr) {
      sequence.due_behind->due_before = sequence.due_before;
    }
    if (sequence.due_before != nullptr) {
      sequence.due_before->due_behind = sequence.due_behind;
      return;
    }
    heads_[slot] = sequence.due_behind;
    if (heads_[slot] == nullptr) {
      taken_[slot / kSlots] &= ~(std::uint64_t{1} << slot % kSlots);
    }
  }

  /// Requires that nobody is due before `step`.
  void move_to(std::int64_t step) {
    assert(step >= step_ && step <= next());
    const std::size_t wheel = wheel_of(step);
    step_ = step;
    if (wheel == 0) {
      return;
    }
    const std::size_t slot = digit(step, wheel);
    Sequence* sequence = heads_[wheel * kSlots + slot];
    heads_[wheel * kSlots + slot] = nullptr;
    taken_[wheel] &= ~(std::uint64_t{1} << slot);
    while (sequence != nullptr) {
      Sequence* const behind = sequence->due_behind;
      add(*sequence);
      sequence = behind;
    }
  }

  /// One of those due at step(); null when there is none.
  [[nodiscard]] Sequence* due() const { return heads_[digit(step_, 0)]; }
  /// The first step at which one is due; kNoStep when there is none.
  [[nodiscard]] std::int64_t next() const {
    std::size_t wheel = 0;
    while (taken_[wheel] == 0) {
      if (++wheel == kWheels) {
        return kNoStep;
      }
    }
    const Sequence* sequence =
        heads_[wheel * kSlots + static_cast<std::size_t>(std::countr_zero(taken_[wheel]))];
    std::int64_t least = sequence->due;
    while (wheel > 0 && (sequence = sequence->due_behind) != nullptr) {
      least = sequence->due < least ? sequence->due : least;
    }
    return least;
  }

 private:
  static constexpr std::size_t kBits = 6;
  static constexpr std::size_t kSlots = std::size_t{1} << kBits;
  static constexpr std::size_t kWheels = 63 / kBits + 1;  // all steps that there are

  [[nodiscard]] static std::size_t digit(std::int64_t step, std::size_t wheel) {
    return static_cast<std::size_t>(step >> (wheel * kBits)) % kSlots;
  }
  [[nodiscard]] std::size_t wheel_of(std::int64_t step) const {
    const auto differing = static_cast<std::uint64_t>(step ^ step_);
    return differing == 0 ? 0 : (static_cast<std::size_t>(std::bit_width(differing)) - 1) / kBits;
  }

  std::int64_t step_ = 0;
  std::array<std::uint64_t, kWheels> taken_{};  ///< by wheel: its slots in which somebody lies
  std::array<Sequence*, kWheels * kSlots> heads_{};
};

}  // namespace mtok::engine
