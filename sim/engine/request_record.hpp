// One request's life in a run.
#pragma once

#include <cstdint>

#include "sim/units/quantity.hpp"
#include "sim/units/sim_time.hpp"

namespace mtok::engine {

enum class Outcome { completed, rejected, unfinished };

/// One request's life. Times of things that did not happen are kNever.
struct RequestRecord {
  std::int64_t id = 0;  ///< row of the workload, from 0
  Outcome outcome = Outcome::unfinished;
  std::int32_t replica = -1;
  std::int32_t preemptions = 0;
  bool batch = false;       ///< of the batch tier: yields to interactive requests, and no promise is for it
  std::int16_t tenant = 0;  ///< its place in RunPlan::tenants, where there are any
  SimTime arrival{};
  SimTime scheduled = kNever;  ///< start of the first step that worked on it
  SimTime first_token = kNever;
  SimTime last_token = kNever;
  std::int64_t input_tokens = 0;
  std::int64_t cached_input_tokens = 0;  ///< of the input, found in the prefix cache at first admission
  std::int64_t output_tokens = 0;        ///< emitted so far
  /// Its share of the device time of the steps it took part in: a step's prefill time is shared by new prompt
  /// tokens, its decode time equally by the decoding sequences. Real numbers; only their proportions matter.
  Seconds prefill_time{};
  Seconds cached_time{};
  Seconds decode_time{};
};

}  // namespace mtok::engine
