// The simulation of a fleet: requests in, a run record out.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "sim/engine/adapter_queue.hpp"
#include "sim/engine/elastic.hpp"
#include "sim/engine/kv_pool.hpp"
#include "sim/engine/kv_transfer.hpp"
#include "sim/engine/run_observer.hpp"
#include "sim/engine/run_record.hpp"
#include "sim/engine/speculation.hpp"
#include "sim/engine/step_timer.hpp"
#include "sim/workload/request.hpp"

namespace mtok::engine {

/// The scheduler of one replica; names and meaning as vLLM's flags.
struct SchedulerConfig {
  std::int64_t max_num_seqs = 256;
  std::int64_t max_num_batched_tokens = 8192;
  std::int64_t max_model_len = 1 << 20;
  bool enable_chunked_prefill = true;
  std::int64_t kv_pages = 0;  ///< of the whole replica
  KvGeometry kv_geometry{};
  std::int64_t prefix_hash_block_size = 0;  ///< tokens under one content id; 0: no prefix caching
  std::vector<KvTier> kv_tiers{};           ///< behind the KV pool, nearest first, at most kMostKvTiers
  /// A request is admitted when the pool has room for its prompt and this share of its output beside what was
  /// so promised to the running ones. 0: as vLLM, on what it needs now.
  double output_reserve = 0;
  /// True: prompt chunks and decodes share a step (vLLM V1, TensorRT-LLM). False: while prompts can be
  /// computed, a step holds prompts alone and decodes wait (SGLang without enable_mixed_chunk).
  bool mixed_batches = true;
  /// The scheduler looks at new requests after each step with prompts and each so many steps of decodes alone
  /// (SGLang's flag); 1: after every step. See Inbox.
  std::int64_t scheduler_recv_interval = 1;
  /// The batch of a step is made while the one before runs, so that a request that comes meanwhile joins the
  /// one after (overlap scheduling).
  bool schedules_ahead = false;
  /// While others run, waiting requests are admitted only when they and the running sequences make
  /// `batch_wait_max_tokens_ratio` of max_num_batched_tokens, or when a request that could be admitted has
  /// waited for that through so many steps (TensorRT-LLM's options); 0: at once.
  std::int64_t batch_wait_timeout_iters = 0;
  double batch_wait_max_tokens_ratio = 0;
  /// Weights of the tenants, and of the others last: who waits is admitted by FairLanes. Empty: first come,
  /// first served. Not together with batch_wait_timeout_iters.
  std::vector<double> tenant_weights{};
  /// Low-rank adapters; not together with tenant_weights, a batch tier, batch_wait_timeout_iters, speculation
  /// or a decode pool.
  AdapterLimits adapters{};
  /// A decoding sequence takes 1 + draft tokens of the budget, as far as there are, and has pages for as many
  /// tokens ahead; prompts get what is left. The tokens that a step yields for a sequence come at once.
  std::optional<Speculation> speculation{};

  /// Content ids that one replica can keep, slower tiers included. Requires prefix caching.
  [[nodiscard]] std::int64_t kept_blocks() const;
};

/// How requests reach the fleet: at their times of arrival; all at time zero; or by a fixed number of
/// clients, each of whom sends the next request of the workload when its last one is complete.
struct Load {
  enum class Kind { open, offline, closed };
  Kind kind = Kind::open;
  std::int64_t concurrency = 0;  ///< closed only
};

enum class Router { round_robin, least_loaded, prefix_affine };

/// A second pool of replicas, which takes over every request once its prompt is computed: the first pool
/// emits the first token, the KV cache of the prompt crosses the link, and this pool emits the others.
struct DecodePool {
  SchedulerConfig scheduler{};
  StepTimer* timer = nullptr;  ///< outlives the run
  std::int64_t replicas = 1;
  std::int64_t devices_per_replica = 1;
  KvLink link{};
};

/// When a run is not worth finishing: more than so many completed requests have broken one of these promises,
/// or any was rejected.
struct GiveUp {
  Slo slo{};
  std::int64_t broken = 0;
};

/// Everything but decode_pool is of the one pool, or of the prefill pool when there are two; autoscaler and
/// failures too: a decode pool stays as it is.
struct RunPlan {
  SchedulerConfig scheduler{};
  Load load{};
  Router router = Router::least_loaded;
  std::int64_t replicas = 1;  ///< that serve at the start
  std::int64_t devices_per_replica = 1;
  std::optional<Autoscaler> autoscaler{};  ///< absent: as many as at the start
  std::optional<Failures> failures{};
  std::vector<std::string> tenants{};  ///< whose requests are also counted by themselves; empty: nobody's
  std::optional<DecodePool> decode_pool{};  ///< absent: the replicas do both
  Seconds request_overhead{};       ///< from a request's arrival until it joins the queue of its replica
  std::uint64_t seed = 1;           ///< of the failures
  Slo slo{};                        ///< what RequestTotals::within_slo counts
  std::optional<GiveUp> give_up{};  ///< absent: the run goes to its end
  RunObserver* observer = nullptr;  ///< told of every step; may be null
  bool keep_requests = true;  ///< false: no row per request, so that memory does not grow with the workload
};

/// Called now and then with the number of requests that have ended and the time of the simulation; false
/// stops the run.
using KeepGoing = std::function<bool(std::int64_t ended, SimTime now)>;

/// The reference engine: advances every replica one step at a time.
///
/// Scheduling follows vLLM V1: a step has a budget of max_num_batched_tokens; running sequences come first,
/// in order of admission, each with one decode token or its next prompt chunk; a sequence that finds no KV
/// block preempts the last admitted one, which gives up its blocks, goes back to the head of the queue and is
/// computed anew; then, unless somebody was preempted in this step, waiting requests are admitted first come
/// first served while budget, max_num_seqs and blocks last. Without mixed_batches a step first tries prompts
/// alone: begun ones, then waiting ones; only when none can go on do the running sequences decode, whatever
/// the budget. A request that could never fit is rejected on arrival. At equal times steps end before
/// requests arrive, KV caches that crossed the link come after, and new steps start last; steps that end at
/// the same time go by replica, requests by order of arrival.
///
/// With an autoscaler or failures (see there) replicas come and go: at equal times after steps have ended and
/// before requests arrive. While none serves, requests wait in front of the fleet. The run ends when no
/// request is left.
///
/// With a decode pool, a prompt that is through leaves its replica and goes to the decode replica with the
/// fewest requests queued, running or on their way to it. There it waits like any other until seats and pages
/// for it are free; when it is preempted, it is computed anew there.
///
/// Durations are real, times whole nanoseconds: a replica's clock carries the fractions, so that the end of
/// every step is the exact sum of the steps before it, rounded down.
///
/// Deterministic: a function of plan, timer and requests. `timer` serves all replicas.
[[nodiscard]] RunRecord run_stepwise(const RunPlan& plan, StepTimer& timer, workload::RequestSource& requests,
                                     const KeepGoing& keep_going = {});

/// The same run, without walking through steps in which nothing changes but the context: a batch of decodes
/// advances in one go to its next event (completion, arrival that may be admitted, pool exhausted, edge of a
/// window, kink of the step time). Equal to run_stepwise in every time, count and share; energies and peaks
/// are sums of doubles in another order. With speculation sequences advance by different numbers of tokens,
/// for which there is no closed form here: such runs walk through every step.
[[nodiscard]] RunRecord run_leaping(const RunPlan& plan, StepTimer& timer, workload::RequestSource& requests,
                                    const KeepGoing& keep_going = {});

}  // namespace mtok::engine
