// Every network in models/ against its published numbers and the reference table.
#include <gtest/gtest.h>

#include <cstdio>
#include <map>

#include "sim/model/footprint.hpp"
#include "sim/model/step_graph.hpp"
#include "tests/unit/model/model_files.hpp"

namespace mtok::model {
namespace {

// Vendors round ("671B"); within this the shapes are right. A missing layer or matrix is more.
constexpr double kPublishedTolerance = 0.01;

double relative(std::int64_t got, std::int64_t expected) {
  return static_cast<double>(got - expected) / static_cast<double>(expected);
}

/// The cells of a CSV line; quotes may hold commas.
std::vector<std::string> cells_of(const std::string& line) {
  std::vector<std::string> cells(1);
  bool quoted = false;
  for (const char c : line) {
    if (c == '"') {
      quoted = !quoted;
    } else if (c == ',' && !quoted) {
      cells.emplace_back();
    } else {
      cells.back() += c;
    }
  }
  return cells;
}

/// Rows of models.csv by the stem of our file name, each a map from column to cell. Empty without shared
/// data.
std::map<std::string, std::map<std::string, std::string>> reference_table() {
  std::ifstream file(shared_data() / "models" / "models.csv");
  std::string line;
  std::getline(file, line);
  const std::vector<std::string> columns = cells_of(line);
  std::map<std::string, std::map<std::string, std::string>> table;
  while (std::getline(file, line)) {
    const std::vector<std::string> cells = cells_of(line);
    std::string stem = cells[0].substr(0, cells[0].find(" (text)"));
    std::transform(stem.begin(), stem.end(), stem.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    for (std::size_t i = 0; i < cells.size(); ++i) {
      table[stem][columns[i]] = cells[i];
    }
  }
  return table;
}

TEST(ShippedModels, AreNamedAsTheirFilesAndSayWhereTheirNumbersComeFrom) {
  EXPECT_GE(shipped_networks().size(), 68U);
  for (const std::filesystem::path& path : shipped_networks()) {
    const Architecture network = load_architecture(path);
    EXPECT_EQ(network.name, path.stem().string());
    EXPECT_FALSE(network.source.empty()) << path;
    EXPECT_FALSE(network.published.source.empty()) << path;
  }
}

TEST(ShippedModels, HaveTheirPublishedParametersWithinOnePercent) {
  for (const std::filesystem::path& path : shipped_networks()) {
    const Architecture network = load_architecture(path);
    ASSERT_TRUE(network.published.parameters_total) << path;
    const ParameterCount count = count_parameters(network);
    const double error = relative(count.total, *network.published.parameters_total);
    std::printf("%-32s %16lld total %16lld active %+.3f %%\n", network.name.c_str(),
                static_cast<long long>(count.total), static_cast<long long>(count.active), 100 * error);
    EXPECT_LE(std::abs(error), kPublishedTolerance) << path;
  }
}

TEST(ShippedModels, HaveTheirPublishedCacheBytesPerToken) {
  for (const std::filesystem::path& path : shipped_networks()) {
    const Architecture network = load_architecture(path);
    ASSERT_TRUE(network.published.kv_bytes_per_token_fp16) << path;
    EXPECT_EQ(kv_bytes_per_token(network, kernel::NumberFormat::fp16).base(),
              static_cast<double>(*network.published.kv_bytes_per_token_fp16))
        << path;
  }
}

// models.csv counts from the same shapes, by a program of its own. Both must agree to the last parameter.
TEST(ShippedModels, CountExactlyAsTheReferenceTable) {
  const auto table = reference_table();
  if (table.empty()) {
    GTEST_SKIP() << "skipped: no shared data";
  }
  for (const std::filesystem::path& path : shipped_networks()) {
    const Architecture network = load_architecture(path);
    if (!table.contains(network.name)) {
      continue;  // newer than the table: held against its published counts above
    }
    const ParameterCount count = count_parameters(network);
    EXPECT_EQ(std::to_string(count.total), table.at(network.name).at("computed_total")) << network.name;
    EXPECT_EQ(std::to_string(count.active), table.at(network.name).at("computed_active")) << network.name;
  }
}

/// Weights that the products of one step read, the output matrix included.
double weights_in_products(const Architecture& network) {
  constexpr std::int64_t kEnoughToTouchAllExperts = 1000000;
  std::vector<StepPart> parts = layer_parts(network, {}, {}, kEnoughToTouchAllExperts);
  parts.push_back(head_part(network, {}, {}, 1));
  double weights = 0;
  for (const StepPart& part : parts) {
    for (const Node& node : part.graph.nodes()) {
      if (const auto* gemm = std::get_if<kernel::Gemm>(&node.kernel)) {
        weights += static_cast<double>(part.repeats * gemm->batch * gemm->n * gemm->k);
      } else if (const auto* experts = std::get_if<kernel::GroupedGemm>(&node.kernel)) {
        weights += static_cast<double>(part.repeats * experts->n * experts->k) * experts->experts;
      }
    }
  }
  return weights;
}

// What is left are vectors (norms, biases, OPT's table of positions): at most this share.
constexpr double kVectors = 0.006;

TEST(ShippedModels, MultiplyByEveryMatrixOnceInAStep) {
  for (const std::filesystem::path& path : shipped_networks()) {
    const Architecture network = load_architecture(path);
    std::int64_t multiplied = count_parameters(network).total;
    if (!network.tie_word_embeddings) {
      multiplied -= network.vocab_size * network.hidden_size;
    }
    const double ratio = weights_in_products(network) / static_cast<double>(multiplied);
    EXPECT_LE(ratio, 1.0) << network.name;
    EXPECT_GE(ratio, 1.0 - kVectors) << network.name;
  }
}

TEST(ShippedModels, SurviveBeingWrittenAndReadAgain) {
  for (const std::filesystem::path& path : shipped_networks()) {
    const Architecture network = load_architecture(path);
    const Architecture again =
        load_architecture(write_file(path.filename().string(), to_yaml(network, network.source)));
    EXPECT_TRUE(again == network) << to_yaml(network, network.source) << to_yaml(again, again.source);
  }
}

}  // namespace
}  // namespace mtok::model
