// Collective times, worked out by hand: 100 GB/s, 1 us a hop and a floor of 4 us inside; 10 GB/s and 5 us
// outside.
#include "sim/hardware/interconnect.hpp"

#include <gtest/gtest.h>

#include "tests/unit/hardware/round_devices.hpp"

namespace mtok::hardware {
namespace {

using kernel::Collective;
using kernel::CollectiveOp;

constexpr double kTiny = 1e-12;

double microseconds(const DeviceProfile& profile, CollectiveOp op, double bytes, std::int64_t ranks) {
  return time_of_collective(profile, {.op = op, .bytes = Bytes(bytes), .ranks = ranks}).total().base() * 1e6;
}

// 4 ranks move 2 * 3/4 of 800 MB at 100 GB/s = 12000 us; latency of the bulk protocol 2 * (4 + 6 * 1) = 20
// us.
TEST(Interconnect, RingAllReduceMovesEachByteAboutTwice) {
  EXPECT_NEAR(microseconds(round_gpu(), CollectiveOp::all_reduce, 800e6, 4), 12020, kTiny * 1e6);
}

// 1 kB: the low-latency protocol at half rate, 4 + 6 + 1.5 * 1000 B / 50 GB/s = 10.03 us.
TEST(Interconnect, SmallAllReduceTakesTheLowLatencyProtocol) {
  EXPECT_NEAR(microseconds(round_gpu(), CollectiveOp::all_reduce, 1000, 4), 10.03, kTiny * 1e6);
}

// 8 ranks, 800 MB: the ring moves 14/8 = 14000 us; in the switch 9/8 = 9000 us. Latency 2 * (4 + 14) = 36 us.
TEST(Interconnect, AddingInTheSwitchMovesEachByteAboutOnce) {
  DeviceProfile profile = round_gpu();
  EXPECT_NEAR(microseconds(profile, CollectiveOp::all_reduce, 800e6, 8), 14036, kTiny * 1e6);
  profile.scale_up.in_network_reduction = true;
  EXPECT_NEAR(microseconds(profile, CollectiveOp::all_reduce, 800e6, 8), 9036, kTiny * 1e6);
}

// 4 ranks gather 3/4 of 800 MB = 6000 us + 2 * (4 + 3); exchange as much at 0.85 of the rate with 2 * (4 +
// 2), 7058.82 + 12; send 800 MB with 2
// * (4 + 1).
TEST(Interconnect, GathersExchangesAndSends) {
  EXPECT_NEAR(microseconds(round_gpu(), CollectiveOp::all_gather, 800e6, 4), 6014, kTiny * 1e6);
  EXPECT_NEAR(microseconds(round_gpu(), CollectiveOp::reduce_scatter, 800e6, 4), 6014, kTiny * 1e6);
  EXPECT_NEAR(microseconds(round_gpu(), CollectiveOp::all_to_all, 800e6, 4), 6000 / 0.85 + 12, kTiny * 1e6);
  EXPECT_NEAR(microseconds(round_gpu(), CollectiveOp::point_to_point, 800e6, 2), 8010, kTiny * 1e6);
}

// 16 ranks in 2 domains of 8: reduce-scatter inside 7/8 of 800 MB = 7000 + 2 * (4 + 7) = 7022 us,
// all-reduce of 100 MB between 2 at 10 GB/s = 10000 + 2 * (4 + 2 * 5) = 10028 us, all-gather inside 7022 us.
TEST(Interconnect, GoesBetweenDomainsWithOneShareARank) {
  EXPECT_NEAR(microseconds(round_gpu(), CollectiveOp::all_reduce, 800e6, 16), 24072, kTiny * 1e6);
}

// PCIe at 20 GB/s, contention 1: 4 ranks get 2/4 of it, 10 GB/s: 1.5 * 800 MB = 120000 us + 2 * (4 + 6 * 1).
TEST(Interconnect, SharesPcieAmongTheRanks) {
  DeviceProfile profile = round_gpu();
  profile.scale_up = {.topology = Link::Topology::pcie,
                      .bandwidth = 20.0_GBps,
                      .latency = 1.0_us,
                      .domain = 8,
                      .contention = 1};
  EXPECT_NEAR(microseconds(profile, CollectiveOp::all_reduce, 800e6, 4), 120020, kTiny * 1e6);
}

// A mesh of 7 links of 10 GB/s: 4 ranks use 3 of them, 30 GB/s: 1.5 * 300 MB / 30 GB/s = 15000 us + 20.
TEST(Interconnect, UsesOnlyTheLinksToThePeersInAMesh) {
  DeviceProfile profile = round_gpu();
  profile.scale_up = {
      .topology = Link::Topology::mesh, .bandwidth = 70.0_GBps, .latency = 1.0_us, .domain = 8, .links = 7};
  EXPECT_NEAR(microseconds(profile, CollectiveOp::all_reduce, 300e6, 4), 15020, kTiny * 1e6);
}

// No links at all: the host link at 20 GB/s with 10 us a hop; 2 ranks move 1 * 800 MB = 40000 us + 2 * (4 + 2
// * 10).
TEST(Interconnect, FallsBackToTheHostLink) {
  DeviceProfile profile = round_gpu();
  profile.scale_up = {};
  profile.scale_out = {};
  EXPECT_NEAR(microseconds(profile, CollectiveOp::all_reduce, 800e6, 2), 40048, kTiny * 1e6);
}

TEST(Interconnect, OneRankCostsNothing) {
  EXPECT_EQ(microseconds(round_gpu(), CollectiveOp::all_reduce, 800e6, 1), 0);
}

}  // namespace
}  // namespace mtok::hardware
