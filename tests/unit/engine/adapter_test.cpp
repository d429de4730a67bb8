// Low-rank adapters: who may pass, what has to be brought, what a step takes; all worked out by hand.
#include <gtest/gtest.h>

#include <array>

#include "sim/engine/adapter_timer.hpp"
#include "sim/hardware/framework_profile.hpp"
#include "tests/unit/engine/fakes.hpp"

namespace mtok::engine {
namespace {

using testing::ListSource;
using testing::request;
using testing::roomy_plan;
using testing::RoundTimer;

std::int64_t ms(SimTime t) {
  return nanoseconds(t) / 1'000'000;
}

workload::Request of_adapter(std::int32_t adapter, workload::Request request) {
  request.adapter = adapter;
  return request;
}

Sequence waiting_for(std::int32_t adapter) {
  Sequence sequence;
  sequence.adapter = adapter;
  return sequence;
}

TEST(AdapterQueue, LetsPassWhoseAdapterIsInTheBatch) {
  AdapterQueue queue({.max_loras = 1});
  std::array<Sequence, 4> all{waiting_for(0), waiting_for(1), waiting_for(0), waiting_for(-1)};
  for (Sequence& sequence : all) {
    queue.push(sequence);
  }
  for (const std::size_t next : {0U, 2U, 3U}) {
    ASSERT_EQ(queue.head(), &all.at(next));
    queue.pop();
    static_cast<void>(queue.enter(all.at(next)));
  }
  EXPECT_EQ(queue.head(), nullptr) << "adapter 1 has no room beside adapter 0";
  EXPECT_EQ(queue.size(), 1);
  queue.leave(all[0]);
  EXPECT_EQ(queue.head(), nullptr);
  queue.leave(all[2]);
  EXPECT_EQ(queue.head(), &all[1]);
  EXPECT_EQ(queue.in_batch(), 0);
}

// Two slots, three places in the host. 0 and 1 are fetched and loaded, 0 is there again, 2 takes the slot of
// 1, which was used least recently; 1 comes back from the host, 0 and 2 being the others there.
TEST(AdapterQueue, KeepsTheLastUsedOnes) {
  const Seconds load(1);
  const Seconds fetch(10);
  AdapterQueue queue({.max_loras = 2, .max_cpu_loras = 3, .load = load, .fetch = fetch});
  const auto use = [&](std::int32_t adapter) {
    Sequence sequence = waiting_for(adapter);
    queue.push(sequence);
    queue.pop();
    const Seconds wait = queue.enter(sequence);
    queue.leave(sequence);
    return wait;
  };
  EXPECT_EQ(use(0), load + fetch);
  EXPECT_EQ(use(1), load + fetch);
  EXPECT_EQ(use(0), Seconds{});
  EXPECT_EQ(use(2), load + fetch);
  EXPECT_EQ(use(0), Seconds{});
  EXPECT_EQ(use(1), load);
  EXPECT_EQ(use(-1), Seconds{});
  EXPECT_EQ(queue.loads(), 4);
  EXPECT_EQ(queue.fetches(), 3);
}

// 10 ms a step, 1 ms a token, 4 ms to bring an adapter, one in a batch. The first prompt of 5: 15 + 4 = 19.
// The second request has another adapter; the third, of the first adapter, passes it at 19: a step of one
// token and a prompt of 5, 16, to 35, in which the first one ends. The third has its second token at 46, then
// comes the second: 46 + 19 = 65.
TEST(Adapters, OneInABatchMakesTheOthersWait) {
  RoundTimer timer{Seconds(0.010), Seconds(0.001)};
  RunPlan plan = roomy_plan();
  plan.scheduler.adapters = {.max_loras = 1, .load = Seconds(0.004)};
  ListSource source({of_adapter(0, request(0, 5, 2)), of_adapter(1, request(0.001, 5, 2)),
                     of_adapter(0, request(0.002, 5, 2))});
  const RunRecord run = run_leaping(plan, timer, source);
  EXPECT_EQ(ms(run.requests[0].first_token), 19);
  EXPECT_EQ(ms(run.requests[2].scheduled), 19);
  EXPECT_EQ(ms(run.requests[0].last_token), 35);
  EXPECT_EQ(ms(run.requests[2].first_token), 35);
  EXPECT_EQ(ms(run.requests[2].last_token), 46);
  EXPECT_EQ(ms(run.requests[1].scheduled), 46);
  EXPECT_EQ(ms(run.requests[1].first_token), 65);
  EXPECT_EQ(run.replicas[0].adapter_loads, 2);
  EXPECT_DOUBLE_EQ(run.replicas[0].adapter_wait.base(), 0.008);
}

// 3 ms for each adapter in the batch: a prompt of 5 takes 15 + 3, the next token 11 + 3.
TEST(Adapters, TakeTheirTimeInEveryStep) {
  const std::unique_ptr<StepTimer> timer = with_adapters(
      std::make_unique<RoundTimer>(Seconds(0.010), Seconds(0.001)), [](std::int64_t, std::int64_t adapters) {
        return Demand{.time = Seconds(0.003) * static_cast<double>(adapters)};
      });
  RunPlan plan = roomy_plan();
  plan.scheduler.adapters = {.max_loras = 2};
  ListSource source({of_adapter(0, request(0, 5, 3)), request(1, 5, 3)});
  const RunRecord run = run_leaping(plan, *timer, source);
  EXPECT_EQ(ms(run.requests[0].first_token), 18);
  EXPECT_EQ(ms(run.requests[0].last_token), 18 + 28);
  EXPECT_EQ(ms(run.requests[1].first_token), 1015) << "no adapter, no time for it";
}

/// Two layers: hidden 8, 4 query heads and 2 KV heads of 2, gated feed-forward of 16.
model::Architecture tiny() {
  model::Architecture network{.name = "tiny", .hidden_size = 8, .vocab_size = 100};
  model::LayerGroup group{.count = 2};
  group.layer.attention.heads = 4;
  group.layer.attention.kv_heads = 2;
  group.layer.attention.head_dim = 2;
  group.layer.ffn.intermediate_size = 16;
  group.layer.ffn.gated = true;
  network.groups.push_back(group);
  return network;
}

// Rank 3, a layer: q, k, v 8 -> 8 + 4 + 4: X 3 x 3 x 8 = 72, Y 3 x 16 = 48; out 8 -> 8: 24 + 24; gate and up
// 8 -> 2 x 16: 2 x 24 + 96; down 16 -> 8: 48 + 24. Together 120 + 48 + 144 + 72 = 384 values, two layers, two
// bytes: 1,536.
TEST(Adapters, HaveTwoFactorsBesideEachProduct) {
  const model::Architecture network = tiny();
  const hardware::FrameworkProfile framework{};
  const Deployment deployment{.architecture = &network, .framework = &framework};
  EXPECT_EQ(adapter_bytes_per_device(deployment, 3), Bytes(1536));
}

// 10,000 bytes for KV, 100 a token, blocks of 10 tokens: 10 blocks. Two slots of 1,536 leave 6,928: 6 blocks.
TEST(Adapters, TakeRoomFromTheCache) {
  MemoryPlan plan{
      .kv_per_device = Bytes(10'000), .kv_per_token_per_device = Bytes(100) / Tokens(1), .kv_blocks = 10};
  make_room_for_adapters(plan, Bytes(1536), 2, 10, 1);
  EXPECT_EQ(plan.adapters_per_device, Bytes(3072));
  EXPECT_EQ(plan.kv_per_device, Bytes(6928));
  EXPECT_EQ(plan.kv_blocks, 6);
}

}  // namespace
}  // namespace mtok::engine
