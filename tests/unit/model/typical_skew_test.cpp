// The exponent of the experts' loads follows the kind of router, never the single model.
#include <gtest/gtest.h>

#include "sim/model/step_graph.hpp"

namespace mtok::model {
namespace {

Architecture network(const char* model_type, std::int64_t experts) {
  return {.model_type = model_type, .groups = {{.layer = {.ffn = {.experts = experts}}, .count = 1}}};
}

TEST(TypicalSkew, IsOfTheKindOfRouter) {
  EXPECT_DOUBLE_EQ(typical_skew(network("deepseek_v3", 256)), 1.01);
  EXPECT_DOUBLE_EQ(typical_skew(network("qwen3_moe", 128)), 1.2);
  EXPECT_DOUBLE_EQ(typical_skew(network("llama", 0)), 0);
}

}  // namespace
}  // namespace mtok::model
