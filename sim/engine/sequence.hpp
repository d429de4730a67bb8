// A request inside the engine, and the store that lends such objects.
#pragma once

#include <cstdint>
#include <deque>
#include <vector>

#include "sim/engine/kv_pool.hpp"
#include "sim/engine/request_record.hpp"
#include "sim/engine/ticks.hpp"

namespace mtok::engine {

struct Sequence {
  RequestRecord record{};
  std::vector<std::uint64_t> hash_ids{};
  std::int64_t target_output = 0;     ///< tokens after which it leaves its replica
  std::int64_t output_elsewhere = 0;  ///< tokens that a decode pool will emit after that
  std::int64_t received = 0;          ///< tokens whose K and V came over a link, not yet taken in
  std::int64_t computed = 0;          ///< tokens whose K and V exist
  std::int64_t verifications = 0;     ///< steps with drafted tokens that it has had
  std::int64_t prefix_hit = 0;        ///< of `computed`, found in the prefix cache at first admission
  std::int64_t reserved_pages = 0;    ///< promised at admission
  std::int32_t adapter = -1;          ///< low-rank adapter; -1: none
  KvPool::Holding kv{};
  /// Of its admission: later admitted, larger; the batch tier larger than all others; unique in the fleet.
  std::int64_t serial = kNotRunning;
  bool decoding_counted = false;  ///< the share clock runs for it
  Ticks share_mark{};             ///< the share clock when it began to decode
  std::int64_t offset = 0;        ///< in a DecodeSet: keys that its token of step s sees, less s
  std::size_t member = 0;         ///< in a DecodeSet: its place
  std::int64_t due = 0;           ///< in a DecodeSet: the step before which it leaves, all tokens emitted
  std::uint16_t due_slot = 0;     ///< in a CompletionWheel: where it lies, and its neighbours there
  Sequence* due_before = nullptr;
  Sequence* due_behind = nullptr;

  static constexpr std::int64_t kNotRunning = -1;

  /// Tokens whose value is known: the prompt and what was emitted.
  [[nodiscard]] std::int64_t known() const { return record.input_tokens + record.output_tokens; }
  /// Its next token needs exactly one computed token: an ordinary decode.
  [[nodiscard]] bool decoding() const { return record.output_tokens > 0 && computed + 1 == known(); }
};

/// Sequences that never move; those handed back are lent again with the room of their lists.
class SequenceStore {
 public:
  [[nodiscard]] Sequence& lend() {
    if (free_.empty()) {
      return all_.emplace_back();
    }
    Sequence& sequence = *free_.back();
    free_.pop_back();
    sequence.record = {};
    sequence.hash_ids.clear();
    sequence.computed = 0;
    sequence.verifications = 0;
    sequence.prefix_hit = 0;
    sequence.output_elsewhere = 0;
    sequence.received = 0;
    return sequence;
  }
  /// Requires that its holding was released.
  void take_back(Sequence& sequence) { free_.push_back(&sequence); }

 private:
  std::deque<Sequence> all_;
  std::vector<Sequence*> free_;
};

}  // namespace mtok::engine
