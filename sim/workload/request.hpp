// One request of a workload, and a stream of them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/units/quantity.hpp"

namespace mtok::workload {

/// What a trace row says. Arrival is the offset from the first row, in whole nanoseconds.
struct Request {
  std::int64_t arrival_ns = 0;
  std::int64_t input_tokens = 0;   ///< at least 1
  std::int64_t output_tokens = 0;  ///< at least 1
  /// Content ids of the prompt's blocks of `hash_block_size` tokens, the last one partial; empty when
  /// unknown.
  std::vector<std::uint64_t> hash_ids{};
  std::string tenant{};
  std::string model{};
  bool batch = false;         ///< of the batch tier
  std::int32_t adapter = -1;  ///< low-rank adapter by number; -1: none
};

/// Rows that were read but not returned, with the reason; shown in every result.
struct Skipped {
  std::int64_t failed = 0;  ///< rows with zero output tokens: requests that failed in the traced system
};

/// A stream of requests in order of arrival. Single pass; memory does not grow with the length of the trace.
class RequestSource {
 public:
  virtual ~RequestSource() = default;
  /// Overwrites `request` with the next one. False at the end. Throws config::Error on a bad row.
  [[nodiscard]] virtual bool next(Request& request) = 0;
  [[nodiscard]] virtual Skipped skipped() const { return {}; }
  /// Tokens of one hash id; 0 when requests carry none.
  [[nodiscard]] virtual std::int64_t hash_block_size() const { return 0; }
};

}  // namespace mtok::workload
