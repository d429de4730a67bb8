// Rows of kernel files become the kernels that were measured.
#include "sim/validation/kernel_rows.hpp"

#include "tests/unit/validation/measurement_file.hpp"

namespace mtok::validation {
namespace {

const planner::Catalogue& shipped() {
  static const planner::Catalogue catalogue(MTOK_SOURCE_DIR);
  return catalogue;
}

std::vector<KernelRow> rows_of(const std::string& text) {
  KernelFile file(measurement_file(text), shipped());
  std::vector<KernelRow> rows;
  while (std::optional<KernelRow> row = file.next()) {
    rows.push_back(std::move(*row));
  }
  return rows;
}

const std::string kGemm = "row_id,device,dtype,m,n,k,latency_us\n";
const std::string kAttention =
    "row_id,device,phase,batch,q_len,kv_len,n_heads,n_kv_heads,head_dim,attn_dtype,kv_dtype,latency_us\n";
const std::string kMoe =
    "row_id,device,dtype,num_tokens,hidden,inter,topk,num_experts,moe_tp,moe_ep,routing,latency_us\n";
const std::string kCollective = "row_id,device,topology,op,n_gpus,bytes,latency_us\n";

TEST(KernelFile, ReadsAProductWithItsFormats) {
  const auto rows = rows_of(kGemm + "r1,H100-SXM-80GB,int4_wo,8,4096,2048,20.5\n");
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0].outcome.row_id, "r1");
  EXPECT_EQ(rows[0].outcome.measured, 20.5);
  EXPECT_EQ(rows[0].outcome.family, "gemm int4_wo m < 16");
  EXPECT_EQ(rows[0].device, "h100-sxm");
  const auto& gemm = std::get<kernel::Gemm>(rows[0].kernels.at(0));
  EXPECT_EQ(gemm.m, 8);
  EXPECT_EQ(gemm.n, 4096);
  EXPECT_EQ(gemm.k, 2048);
  EXPECT_EQ(gemm.weights, kernel::NumberFormat::int4);
  EXPECT_EQ(gemm.activations, kernel::NumberFormat::bf16);
}

// 100 new tokens after 900 old ones see 100 * 900 + 100 * 101 / 2 = 95050 keys each sequence; 2 sequences.
// A token of the cache: K and V of 2 heads of 128 in one byte = 512 B.
TEST(KernelFile, CountsThePairsOfAPromptOverACache) {
  const auto rows = rows_of(kAttention + "a1,L40S,prefill,2,100,1000,16,2,128,bfloat16,fp8,50\n");
  ASSERT_EQ(rows.size(), 1U);
  const auto& attention = std::get<kernel::Attention>(rows[0].kernels.at(0));
  EXPECT_EQ(attention.phase, kernel::Phase::prefill);
  EXPECT_EQ(attention.query_tokens, 200);
  EXPECT_EQ(attention.query_key_pairs, 2 * 95050);
  EXPECT_EQ(attention.kv_tokens, 2000);
  EXPECT_EQ(attention.kv_bytes_per_token, Bytes(512));
}

// 64 tokens choose 8 of 256 experts; an eighth of the 512 pairs and of the experts is here: 64 rows, and
// 32 experts, dealt out in turn. Permutation, two products, activation, sum: 5 kernels.
TEST(KernelFile, DealsBalancedExpertsOutInTurn) {
  const auto rows = rows_of(kMoe + "m1,B200-SXM-180GB,fp8,64,7168,2048,8,256,2,8,balanced,90\n");
  ASSERT_EQ(rows.size(), 1U);
  ASSERT_EQ(rows[0].kernels.size(), 5U);
  const auto& up = std::get<kernel::GroupedGemm>(rows[0].kernels.at(1));
  EXPECT_EQ(up.rows, 64);
  EXPECT_EQ(up.experts, 32);
  EXPECT_EQ(up.n, 2048);  // gate and up of half an expert
  EXPECT_EQ(up.k, 7168);
  const auto& down = std::get<kernel::GroupedGemm>(rows[0].kernels.at(3));
  EXPECT_EQ(down.n, 7168);
  EXPECT_EQ(down.k, 1024);
}

TEST(KernelFile, ReadsACollectiveWithItsPlacement) {
  const auto rows = rows_of(
      kCollective + "c1,A100-80GB,\"a100_pairwise_nvlink, devices_per_node=4\",all_reduce,4,1024,30\n");
  ASSERT_EQ(rows.size(), 1U);
  const auto& collective = std::get<kernel::Collective>(rows[0].kernels.at(0));
  EXPECT_EQ(collective.op, kernel::CollectiveOp::all_reduce);
  EXPECT_EQ(collective.ranks, 4);
  EXPECT_EQ(rows[0].placement.ranks_per_node, 4);
  EXPECT_TRUE(rows[0].placement.pairs);
}

TEST(KernelFile, KeepsUnsupportedRowsWithTheReason) {
  const auto rows = rows_of(kGemm + "r1,Abacus-9000,bfloat16,8,64,64,1\n" + "r2,L40S,float3,8,64,64,1\n" +
                            "r3,L40S,bfloat16,0,64,64,1\n");
  ASSERT_EQ(rows.size(), 3U);
  EXPECT_NE(rows[0].outcome.unsupported.find("Abacus-9000"), std::string::npos);
  EXPECT_NE(rows[1].outcome.unsupported.find("float3"), std::string::npos);
  EXPECT_NE(rows[2].outcome.unsupported.find("m is not stated"), std::string::npos);
  for (const KernelRow& row : rows) {
    EXPECT_TRUE(row.kernels.empty());
    EXPECT_FALSE(KernelPredictor(shipped()).predicted(row).predicted);
  }
}

TEST(KernelFile, RefusesAnotherHeader) {
  EXPECT_THROW(KernelFile(measurement_file("device,latency_us,colour\n"), shipped()), config::Error);
}

TEST(KernelPredictor, SaysWhatTheDeviceSays) {
  const auto rows = rows_of(kGemm + "r1,L40S,bfloat16,128,4096,4096,50\n");
  const auto device = hardware::make_device(profile_named(shipped(), "l40s"));
  const Seconds time = device->time_of(kernel::Gemm{.m = 128, .n = 4096, .k = 4096}).total();
  EXPECT_DOUBLE_EQ(*KernelPredictor(shipped()).predicted(rows.at(0)).predicted, time.base() * 1e6);
}

// Four ranks on a node of one each meet on the network, which is slower than the links of a node.
TEST(PlacedDevices, PutRanksOnNodes) {
  const auto rows = rows_of(kCollective + "c1,H100,single node,all_reduce,4,1e8,1\n" +
                            "c2,H100,\"dgx, devices_per_node=1\",all_reduce,4,1e8,1\n");
  PlacedDevices devices(profile_named(shipped(), "h100-sxm"));
  EXPECT_GT(devices.time_of(rows.at(1)), devices.time_of(rows.at(0)) * 2);
}

TEST(Catalogue, KnowsDevicesByTheNamesOfOthers) {
  EXPECT_EQ(shipped().device_called("NVIDIA H100 80GB HBM3"), "h100-sxm");
  EXPECT_EQ(shipped().device_called("h200_sxm_141gb (virtualised)"), "h200-sxm");
  EXPECT_EQ(shipped().device_called("Intel(R) Xeon(R) Platinum 8592+"), "xeon-8592");
  EXPECT_FALSE(shipped().device_called("Abacus-9000"));
}

}  // namespace
}  // namespace mtok::validation
