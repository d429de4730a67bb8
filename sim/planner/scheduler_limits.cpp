// A scenario's options over the defaults of its framework.
#include "sim/planner/scheduler_limits.hpp"

namespace mtok::planner {

engine::SchedulerConfig scheduler_limits(const EngineChoice& choice,
                                         const hardware::FrameworkProfile& framework,
                                         const model::Sharding& sharding) {
  const std::int64_t ranks = sharding.data;
  engine::SchedulerConfig config;
  config.max_num_seqs = choice.max_num_seqs.value_or(framework.max_num_seqs) * ranks;
  config.max_num_batched_tokens =
      choice.max_num_batched_tokens.value_or(framework.max_num_batched_tokens) * ranks;
  config.enable_chunked_prefill = choice.enable_chunked_prefill;
  config.output_reserve = framework.output_reserve;
  config.mixed_batches = framework.mixed_batches;
  config.scheduler_recv_interval = choice.scheduler_recv_interval;
  config.schedules_ahead = framework.schedules_ahead && sharding.pipeline == 1;
  config.batch_wait_timeout_iters = choice.batch_wait_timeout_iters;
  config.batch_wait_max_tokens_ratio = choice.batch_wait_max_tokens_ratio;
  return config;
}

}  // namespace mtok::planner
