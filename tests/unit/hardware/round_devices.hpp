// Made-up devices with round numbers, whose times can be worked out by hand.
#pragma once

#include "sim/hardware/device.hpp"

namespace mtok::hardware {

/// 10 multiprocessors, tiles of 128 x 128, 100 TFLOP/s bf16 (10 each), 200 fp8, 1 TB/s, launch floor 5 us,
/// attention 10 us, every share 1 and no memory latency.
inline DeviceProfile round_gpu() {
  using kernel::NumberFormat;
  return {.name = "round",
          .kind = DeviceKind::gpu,
          .memory = 80.0_GB,
          .memory_bandwidth = 1.0_TBps,
          .peak = {{NumberFormat::fp32, 10.0_TFLOPS},
                   {NumberFormat::bf16, 100.0_TFLOPS},
                   {NumberFormat::fp8, 200.0_TFLOPS}},
          .tdp = Watts(1000),
          .idle_power_fraction = 0.1,
          .scale_up = {.name = "switch",
                       .topology = Link::Topology::switched,
                       .bandwidth = 100.0_GBps,
                       .latency = 1.0_us,
                       .domain = 8},
          .scale_out = {.name = "net",
                        .topology = Link::Topology::switched,
                        .bandwidth = 10.0_GBps,
                        .latency = 5.0_us},
          .host_link = 20.0_GBps,
          .efficiency = {.peak_fraction = 1,
                         .bandwidth_fraction = 1,
                         .attention_fraction = 1,
                         .attention_prologue = 128,
                         .link_fraction = 1,
                         .reduction_fraction = 1,
                         .kernel_floor = 5.0_us,
                         .attention_floor = 10.0_us,
                         .collective_floor = 4.0_us},
          .compute_units = 10,
          .tile_m = 128,
          .tile_n = 128};
}

/// 128 x 128 arrays, 100 TFLOP/s bf16, 1 TB/s.
inline DeviceProfile round_tpu() {
  DeviceProfile profile = round_gpu();
  profile.kind = DeviceKind::tpu;
  profile.peak = {{kernel::NumberFormat::bf16, 100.0_TFLOPS}};
  profile.array_rows = 128;
  profile.array_columns = 128;
  return profile;
}

/// 1 TFLOP/s fp32, 4 int8; a cache of 100 MB at 1 TB/s, memory at 100 GB/s, no overlap with reads from
/// memory.
inline DeviceProfile round_cpu() {
  DeviceProfile profile = round_gpu();
  profile.kind = DeviceKind::cpu;
  profile.peak = {{kernel::NumberFormat::fp32, 1.0_TFLOPS}, {kernel::NumberFormat::int8, 4.0_TFLOPS}};
  profile.memory_bandwidth = 100.0_GBps;
  profile.caches = {{.name = "L3", .capacity = Bytes(100e6), .bandwidth = 1.0_TBps}};
  profile.efficiency.overlap = 0;
  profile.compute_units = 4;
  return profile;
}

}  // namespace mtok::hardware
