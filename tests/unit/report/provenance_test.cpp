// Walks every figure of many reports down to its sources and works every formula out anew.
#include "sim/planner/provenance.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "app/report/explain_report.hpp"
#include "app/report/run_report.hpp"
#include "sim/units/text.hpp"

namespace mtok::report {
namespace {

using planner::Explanation;
using planner::Figure;
using planner::Rule;
using Json = nlohmann::ordered_json;

struct Case {
  std::string name{};
  std::string text{};   ///< of the scenario, without `mtok: 1`
  std::string trace{};  ///< of a file beside it, trace.csv; empty: none
};

void PrintTo(const Case& one_case, std::ostream* out) {
  *out << one_case.name;
}

/// What the cases share: 60 short requests.
std::string requests(const std::string& load = "open") {
  return "workload: {load: " + load +
         ", synthetic: {requests: 60, arrivals: {poisson: {rate_per_s: 8}}, input_tokens: {fixed: 600}, "
         "output_tokens: {uniform: {least: 1, most: 90}}}}\n";
}
std::string documents() {
  return "workload: {synthetic: {requests: 80, arrivals: {poisson: {rate_per_s: 8}}, input_tokens: {fixed: "
         "300}, "
         "output_tokens: {fixed: 40}, shared_prefix: {documents: 3, tokens: 512}}}\n";
}
/// A trace with prompts of three tenants in turn.
std::string tenants_trace() {
  std::string rows = "arrival_s,input_tokens,output_tokens,tenant\n";
  for (int i = 0; i < 60; ++i) {
    constexpr std::array<const char*, 3> kNames{"search", "chat", "mail"};
    rows += std::to_string(i / 8) + ",500," + std::to_string(1 + i) + "," +
            kNames.at(static_cast<std::size_t>(i) % 3) + "\n";
  }
  return rows;
}
std::string one(const std::string& model, const std::string& device, int count = 1) {
  return "model: " + model + "\nhardware: {device: " + device + ", count: " + std::to_string(count) + "}\n";
}
const std::string kFp8 = "formats: {weights: fp8, activations: fp8, kv_cache: fp8}\n";
const std::string kPrice = "prices: {usd_per_device_hour: 1.25}\n";

std::vector<Case> cases() {
  return {
      {"plain", requests() + one("llama-3.1-8b", "h100-sxm") + "slo: {ttft_p99_ms: 500, tpot_p99_ms: 50}\n"},
      {"tensor parallel", requests() + one("llama-3.1-70b", "h100-sxm", 4) + kFp8 + "fleet: {replicas: 2}\n"},
      {"pipeline", requests() + one("llama-3.1-8b", "l40s", 2) +
                       "parallel: {tensor_parallel_size: 1, pipeline_parallel_size: 2}\n" + kPrice},
      {"experts on data ranks", requests() + one("qwen3-30b-a3b", "h200-sxm", 2) +
                                    "parallel: {tensor_parallel_size: 1, data_parallel_size: 2, "
                                    "expert_parallel_size: 2}\nengine: {max_num_seqs: 64}\n" +
                                    kPrice},
      {"mixture", requests() + one("mixtral-8x7b", "a100-80gb-sxm", 2) + kPrice + "seed: 7\n"},
      {"latent attention", requests() + one("deepseek-v2-lite", "h100-sxm") + kPrice},
      {"sliding windows", requests() + one("gemma-2-9b", "h100-sxm") + kPrice},
      {"linear attention", requests() + one("qwen3-next-80b-a3b", "h200-sxm", 2) + kFp8 + kPrice},
      {"draft model", requests() + one("llama-3.1-70b", "h200-sxm", 2) + kFp8 + kPrice +
                          "speculative_config: {method: draft_model, model: llama-3.2-1b, "
                          "num_speculative_tokens: 3, acceptance_rate: 0.7}\n"},
      {"drafts by position", requests() + one("deepseek-v3", "h200-sxm", 8) + kFp8 + kPrice +
                                 "speculative_config: {method: mtp, num_speculative_tokens: 2, "
                                 "acceptance_rate: [0.8, 0.6]}\n"},
      {"separate pools", requests() + one("llama-3.1-8b", "h100-sxm") + kFp8 +
                             "fleet: {replicas: 2}\ndisaggregation: {decode: {replicas: 1, "
                             "hardware: {device: h200-sxm, count: 2}}}\n"},
      {"cascade", requests() + one("llama-3.1-70b", "h100-sxm", 4) + kFp8 +
                      "fleet: {replicas: 1, models: [{model: llama-3.1-8b, hardware: {device: h100-sxm}, "
                      "replicas: 1, escalate: 0.3}]}\n"},
      {"routed", requests() + one("llama-3.1-70b", "h100-sxm", 4) + kFp8 +
                     "fleet: {replicas: 1, models: [{model: llama-3.1-8b, hardware: {device: h100-sxm}, "
                     "replicas: 2, share: 0.45}]}\n"},
      {"distilled",
       requests() + one("llama-3.2-3b", "h100-sxm") +
           "distillation: {teacher_tokens: 2e9, teacher_usd_per_mtok: 0.9, training_tokens: 6e9}\n"},
      {"documents in tiers", documents() + one("llama-3.1-8b", "h100-sxm") +
                                 "engine: {num_gpu_blocks: 400, kv_tiers: [{name: dram, capacity: 20 GB, "
                                 "bandwidth: 40 GB/s}]}\n"},
      {"documents",
       documents() + one("llama-3.1-8b", "a100-80gb-sxm") + kPrice + "fleet: {router: prefix_affine}\n"},
      {"closed loop", requests("{closed: {concurrency: 8}}") + one("llama-3.1-8b", "h100-sxm")},
      {"offline", requests("offline") + one("llama-3.1-8b", "b200-sxm") + kFp8},
      {"share of free memory",
       requests() + one("llama-3.1-8b", "h100-sxm") + "engine: {framework: tensorrt-llm}\n"},
      {"sglang", requests() + one("qwen3-8b", "l40s") +
                     "engine: {framework: sglang, gpu_memory_utilization: 0.8}\n" + kPrice},
      {"tpu", requests() + one("llama-3.1-8b", "tpu-v6e") + kPrice},
      {"cpu", requests() + one("llama-3.2-1b", "xeon-8480") + kPrice},
      {"too large", requests() + one("llama-3.1-70b", "h100-sxm")},
      {"spot", requests() + one("llama-3.1-8b", "h100-sxm") + "prices: {tier: spot}\n"},
      {"owned", requests() + one("llama-3.1-8b", "h100-sxm") + "prices: {tier: owned}\n"},
      {"owned on terms of its own",
       requests() + one("llama-3.1-8b", "h100-sxm", 2) +
           "prices: {tier: owned, usd_per_device: 25000, allocation: fixed_ratio, cached_ratio: 0.1234, "
           "owned: {years: 5, cost_of_capital: 0}, energy: {pue: 1.3, usd_per_kwh: 0.2}}\n"},
      {"owned pools", requests() + one("llama-3.1-8b", "h100-sxm") + kFp8 +
                          "fleet: {replicas: 2}\nprices: {tier: owned, allocation: kv_byte_seconds}\n"
                          "disaggregation: {decode: {replicas: 1, hardware: {device: h200-sxm, count: 2}, "
                          "prices: {tier: owned, owned: {years: 3}}}}\n"},
      {"owned models", requests() + one("llama-3.1-70b", "h100-sxm", 4) + kFp8 + "prices: {tier: owned}\n" +
                           "fleet: {replicas: 1, models: [{model: llama-3.1-8b, hardware: {device: "
                           "h100-sxm}, replicas: 1, share: 0.5}]}\n"},
      {"at the margin",
       documents() + one("llama-3.1-8b", "h100-sxm") + "prices: {tier: owned, allocation: marginal}\n"},
      {"margin above the mean",
       "workload: {load: offline, synthetic: {requests: 400, arrivals: {constant: {rate_per_s: 1000}}, "
       "input_tokens: {fixed: 20}, output_tokens: {fixed: 2}}}\n" +
           one("llama-3.1-8b", "h100-sxm") + "prices: {usd_per_device_hour: 1, allocation: marginal}\n"},
      {"by ratio in pools", requests() + one("llama-3.1-8b", "h100-sxm") + kFp8 +
                                "prices: {allocation: fixed_ratio}\n"
                                "disaggregation: {decode: {replicas: 1}}\n"},
      {"by residence",
       documents() + one("llama-3.1-8b", "h100-sxm") + "prices: {allocation: kv_byte_seconds}\n"},
      {"elastic and owned", requests() + one("llama-3.1-8b", "h100-sxm") + "prices: {tier: owned}\n" +
                                "fleet: {replicas: 2, failures: {mtbf_h: 0.002, repair_s: 2}}\n"},
      {"elastic models",
       requests() + one("llama-3.1-8b", "h100-sxm") + "engine: {max_num_seqs: 2}\n" +
           "fleet: {replicas: 2, failures: {mtbf_h: 0.002, repair_s: 2}, models: [{model: llama-3.2-1b, "
           "hardware: "
           "{device: l40s}, share: 0.5, autoscaler: {max_replicas: 3, target_queue: 1, scrape_interval_s: 1, "
           "provisioning_delay_s: 1, cooldown_s: 2}}, {model: llama-3.2-3b, hardware: {device: l40s}, share: "
           "0.2}]}\n"},
      {"batch tier", requests() + one("llama-3.1-8b", "l40s") +
                         "batch: {load: offline, synthetic: {requests: 40, arrivals: {constant: {rate_per_s: "
                         "100}}, input_tokens: {fixed: 900}, output_tokens: {fixed: 50}}}\n"},
      {"tenants",
       "workload: {trace: trace.csv}\n" + one("llama-3.1-8b", "l40s") +
           "engine: {scheduling_policy: fair}\nprices: {allocation: kv_byte_seconds}\n"
           "fleet: {tenants: [{name: search, weight: 3}, {name: chat}]}\n",
       tenants_trace()},
      {"tenants of a cascade",
       "workload: {trace: trace.csv}\n" + one("llama-3.1-8b", "l40s") +
           "engine: {scheduling_policy: fair}\n"
           "fleet: {tenants: [{name: search, weight: 3}, {name: chat}], models: [{model: llama-3.2-1b, "
           "hardware: {device: l40s}, escalate: 0.4}]}\n",
       tenants_trace()},
      {"tenants in pools",
       "workload: {trace: trace.csv}\n" + one("llama-3.1-8b", "l40s") +
           "engine: {scheduling_policy: fair}\nfleet: {tenants: [{name: search, weight: 3}, {name: chat}]}\n"
           "disaggregation: {decode: {replicas: 1}}\n",
       tenants_trace()},
      {"adapters of models", requests() + one("llama-3.1-8b", "l40s") +
                                 "engine: {enable_lora: true, max_loras: 2}\nlora: {adapters: 8}\n"
                                 "fleet: {models: [{model: llama-3.2-1b, hardware: {device: l40s}, share: "
                                 "0.4}]}\n"},
      {"adapters", requests() + one("llama-3.1-8b", "l40s") +
                       "engine: {enable_lora: true, max_loras: 2, max_lora_rank: 16}\n"
                       "lora: {adapters: 8, skew: 1.0}\n"},
      {"adapters in free memory", requests() + one("llama-3.1-8b", "h100-sxm") +
                                      "engine: {framework: tensorrt-llm, enable_lora: true}\n"
                                      "lora: {adapters: 8}\n"},
  };
}

class Walk {
 public:
  explicit Walk(const Case& one)
      : folder_(std::filesystem::path(testing::TempDir()) / ("mtok-provenance " + std::string(one.name))) {
    std::filesystem::create_directories(folder_);
    const std::filesystem::path file = folder_ / "scenario.yaml";
    std::ofstream(file) << "mtok: 1\nname: " << one.name << "\n" << one.text;
    if (!one.trace.empty()) {
      std::ofstream(folder_ / "trace.csv") << one.trace;
    }
    const planner::Catalogue catalogue{std::filesystem::path(MTOK_SOURCE_DIR)};
    const planner::RunResult result = planner::run(planner::load_scenario(file, catalogue), catalogue);
    document_ = Json::parse(run_json(result));
    provenance_.emplace(result, catalogue);
  }
  ~Walk() { std::filesystem::remove_all(folder_); }
  Walk(const Walk&) = delete;
  Walk& operator=(const Walk&) = delete;

  /// Numbers, and amounts of money, which are decimal texts; by their keys.
  [[nodiscard]] std::map<std::string, double> figures() const {
    std::map<std::string, double> list;
    const Json flat = document_.flatten();
    for (const auto& [pointer, value] : flat.items()) {
      std::string key = pointer.substr(1);
      std::replace(key.begin(), key.end(), '/', '.');
      const bool evidence =
          key.starts_with("assumptions") || key.starts_with("inputs") || key.starts_with("warnings");
      const std::optional<double> decimal = value.is_string() && key.find("usd") != std::string::npos
                                                ? units::parse_number(value.get<std::string>())
                                                : std::nullopt;
      if (!evidence && (value.is_number() || decimal)) {
        list[key] = decimal ? *decimal : value.get<double>();
      }
    }
    return list;
  }
  [[nodiscard]] const planner::Provenance& provenance() const { return *provenance_; }

 private:
  std::filesystem::path folder_;
  Json document_;
  std::optional<planner::Provenance> provenance_;
};

/// JSON has 12 significant digits; money is exact to 1e-12 USD in every split.
bool same(double a, double b) {
  constexpr double kPicoDollars = 4e-12;
  constexpr double kDigits = 1e-10;
  return std::abs(a - b) <= kPicoDollars + kDigits * std::max(std::abs(a), std::abs(b));
}

void check(const Explanation& explanation, std::size_t at, const std::string& key) {
  const Figure& figure = explanation.figures[at];
  const std::string place = key + " -> " + figure.key;
  for (const std::size_t part : figure.parts) {
    EXPECT_GT(part, at) << place << ": parts come behind";
  }
  switch (figure.rule) {
    case Rule::stated:
      EXPECT_TRUE(figure.parts.empty()) << place;
      EXPECT_FALSE(figure.source.empty()) << place << " has no source";
      break;
    case Rule::simulated:
    case Rule::shapes:
      EXPECT_FALSE(figure.source.empty()) << place << " has no source";
      EXPECT_FALSE(figure.parts.empty()) << place << " depends on nothing";
      break;
    case Rule::gathered:
      EXPECT_FALSE(figure.parts.empty()) << place << " holds nothing";
      break;
    default: {
      const std::optional<double> again = planner::worked_out(explanation, at);
      ASSERT_TRUE(again && figure.value) << place;
      EXPECT_TRUE(same(*again, *figure.value)) << place << ": " << *again << " is not " << *figure.value;
    }
  }
}

class EveryFigure : public testing::TestWithParam<Case> {};

TEST_P(EveryFigure, IsWorkedOutFromSourcedLeaves) {
  const Walk walk(GetParam());
  const std::map<std::string, double> figures = walk.figures();
  EXPECT_GT(figures.size(), 10U);
  for (const auto& [key, value] : figures) {
    const std::optional<Explanation> explanation = walk.provenance().explain(key);
    if (!explanation) {
      ADD_FAILURE() << key << " is not explained";
      continue;
    }
    ASSERT_TRUE(explanation->figures.front().value) << key;
    EXPECT_TRUE(same(*explanation->figures.front().value, value))
        << key << ": " << *explanation->figures.front().value << " is not " << value << " of the JSON";
    for (std::size_t i = 0; i < explanation->figures.size(); ++i) {
      check(*explanation, i, key);
    }
    EXPECT_FALSE(explain_text(*explanation, {}).empty());
  }
}

INSTANTIATE_TEST_SUITE_P(Reports, EveryFigure, testing::ValuesIn(cases()), [](const auto& one_case) {
  std::string name = one_case.param.name;
  std::replace(name.begin(), name.end(), ' ', '_');
  return name;
});

// The formula in words names the parts in their order, and the tree ends at the price of the scenario's file,
// whose line it names: two lines of head, workload, model and hardware come before it.
TEST(Provenance, TheTreeOfTheBillEndsAtThePrice) {
  const Walk walk({"priced", requests() + one("llama-3.1-8b", "h100-sxm") + kPrice});
  const std::string tree = explain_text(*walk.provenance().explain("cost.total_usd"), {});
  EXPECT_NE(tree.find("cost.exact_usd = "), std::string::npos);
  EXPECT_NE(tree.find("cost.usd_per_device_hour * cost.device_hours"), std::string::npos);
  EXPECT_NE(tree.find("1.25 USD/h  <- scenario.yaml:6"), std::string::npos) << tree.substr(0, 3000);
  EXPECT_FALSE(walk.provenance().explain("no.such.figure"));
}

}  // namespace
}  // namespace mtok::report
