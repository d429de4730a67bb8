// Number formats of checkpoints as Hugging Face writes them.
#include "sim/model/checkpoint_format.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <optional>
#include <string_view>
#include <vector>

namespace mtok::model {
namespace {

using kernel::NumberFormat;

constexpr std::array<config::Choice<NumberFormat>, 6> kDtypes{{{"bfloat16", NumberFormat::bf16},
                                                               {"float16", NumberFormat::fp16},
                                                               {"float32", NumberFormat::fp32},
                                                               {"float8_e4m3fn", NumberFormat::fp8},
                                                               {"float8_e5m2", NumberFormat::fp8},
                                                               {"int8", NumberFormat::int8}}};

bool present(const config::Reader& reader, std::string_view key) {
  return reader.has(key) && !reader.is_null(key);
}

std::optional<NumberFormat> integer_format(config::Reader& reader, std::string_view key) {
  const std::int64_t bits = reader.integer(key);
  if (bits == 4) {
    return NumberFormat::int4;
  }
  if (bits == 8) {
    return NumberFormat::int8;
  }
  if (reader.ok()) {
    reader.fail(key, fmt::format("weights of {} bits are not supported; expected 4 or 8", bits));
  }
  return std::nullopt;
}

/// compressed-tensors: config_groups.<any>.weights {num_bits, type, strategy}; the first group counts.
std::optional<NumberFormat> compressed_tensors_format(config::Reader& quantization) {
  config::Reader groups = quantization.mapping("config_groups");
  const std::vector<std::string> names = groups.keys();
  if (names.empty()) {
    quantization.fail("config_groups", "expected at least one group");
    return std::nullopt;
  }
  config::Reader group = groups.mapping(names.front());
  config::Reader weights = group.mapping("weights");
  if (weights.text_or("type", "int") == "int") {
    return integer_format(weights, "num_bits");
  }
  constexpr std::int64_t kMxGroup = 32;  // OCP Microscaling: one scale for 32 values; NVFP4 has one for 16
  const bool mx = present(weights, "group_size") && weights.integer("group_size") == kMxGroup;
  const std::int64_t bits = weights.integer("num_bits");
  if (bits == 8) {
    const bool blocks = present(weights, "strategy") && weights.text("strategy") == "block";
    return blocks ? NumberFormat::fp8_block : NumberFormat::fp8;
  }
  if (bits == 4) {
    return mx ? NumberFormat::mxfp4 : NumberFormat::nvfp4;
  }
  if (weights.ok()) {
    weights.fail("num_bits", fmt::format("floats of {} bits are not supported; expected 4 or 8", bits));
  }
  return std::nullopt;
}

/// AMD Quark: global_quant_config.weight.dtype.
std::optional<NumberFormat> quark_format(config::Reader& quantization) {
  constexpr std::array<config::Choice<NumberFormat>, 5> kTypes{{{"fp8_e4m3", NumberFormat::fp8},
                                                                {"fp4", NumberFormat::mxfp4},
                                                                {"int8", NumberFormat::int8},
                                                                {"int4", NumberFormat::int4},
                                                                {"uint4", NumberFormat::int4}}};
  config::Reader global = quantization.mapping("global_quant_config");
  config::Reader weight = global.mapping("weight");
  return weight.choice<NumberFormat>("dtype", kTypes);
}

std::optional<NumberFormat> quantized_format(config::Reader& quantization) {
  const std::string method = quantization.text("quant_method");
  if (method == "fp8" || method == "fbgemm_fp8") {
    if (!present(quantization, "weight_block_size")) {
      return NumberFormat::fp8;
    }
    static_cast<void>(quantization.integers("weight_block_size", config::kAtLeastOne));
    return NumberFormat::fp8_block;
  }
  if (method == "mxfp4") {
    return NumberFormat::mxfp4;
  }
  if (method == "bitsandbytes") {
    const bool eight = present(quantization, "load_in_8bit") && quantization.flag("load_in_8bit");
    return eight ? NumberFormat::int8 : NumberFormat::int4;  // nf4 and fp4: 4 bits and a scale a block
  }
  if (method == "quark") {
    return quark_format(quantization);
  }
  if (method == "gptq" || method == "awq" || method == "auto-round") {
    return integer_format(quantization, "bits");
  }
  if (method == "compressed-tensors") {
    return compressed_tensors_format(quantization);
  }
  if (method == "modelopt") {
    constexpr std::array<config::Choice<NumberFormat>, 6> kAlgorithms{{{"FP8", NumberFormat::fp8},
                                                                       {"NVFP4", NumberFormat::nvfp4},
                                                                       {"FP8_PB_WO", NumberFormat::fp8_block},
                                                                       {"MXFP4", NumberFormat::mxfp4},
                                                                       {"W4A16_AWQ", NumberFormat::int4},
                                                                       {"W4A8_AWQ", NumberFormat::int4}}};
    return quantization.choice<NumberFormat>("quant_algo", kAlgorithms);
  }
  if (quantization.ok()) {
    quantization.fail("quant_method",
                      fmt::format("'{}' is not supported; expected fp8, fbgemm_fp8, mxfp4, gptq, awq, "
                                  "auto-round, bitsandbytes, compressed-tensors, modelopt or quark",
                                  method));
  }
  return std::nullopt;
}

bool leaves_attention(config::Reader& quantization) {
  for (const std::string_view key : {"modules_to_not_convert", "ignore"}) {
    if (!present(quantization, key)) {
      continue;
    }
    const std::vector<std::string> modules = quantization.texts(key);
    if (std::any_of(modules.begin(), modules.end(), [](const std::string& module) {
          return module.find("self_attn") != std::string::npos;
        })) {
      return true;
    }
  }
  return false;
}

}  // namespace

CheckpointFormat read_checkpoint_format(config::Reader& reader, bool strict) {
  CheckpointFormat checkpoint;
  for (const std::string_view key : {"dtype", "torch_dtype"}) {
    if (present(reader, key)) {
      checkpoint.format = reader.choice<NumberFormat>(key, kDtypes);
    }
  }
  if (!present(reader, "quantization_config")) {
    return checkpoint;
  }
  config::Reader quantization = reader.mapping("quantization_config");
  checkpoint.format = quantized_format(quantization).value_or(checkpoint.format);
  checkpoint.only_experts = leaves_attention(quantization);
  if (strict) {
    quantization.done();
  }
  return checkpoint;
}

std::string checkpoint_format_yaml(const CheckpointFormat& checkpoint) {
  const std::string_view kept = checkpoint.only_experts ? ", modules_to_not_convert: [self_attn]" : "";
  const auto quantized = [&](std::string_view method) {
    return fmt::format("quantization_config: {{{}{}}}\n", method, kept);
  };
  switch (checkpoint.format) {
    case NumberFormat::bf16:
      return "torch_dtype: bfloat16\n";
    case NumberFormat::fp16:
      return "torch_dtype: float16\n";
    case NumberFormat::fp32:
    case NumberFormat::tf32:
      return "torch_dtype: float32\n";
    case NumberFormat::fp8:
      return quantized("quant_method: fp8");
    case NumberFormat::fp8_block:
      return quantized("quant_method: fp8, weight_block_size: [128, 128]");
    case NumberFormat::int8:
      return quantized("quant_method: gptq, bits: 8");
    case NumberFormat::int4:
      return quantized("quant_method: gptq, bits: 4");
    case NumberFormat::nvfp4:
      return quantized("quant_method: modelopt, quant_algo: NVFP4");
    case NumberFormat::mxfp4:
      return quantized("quant_method: mxfp4");
  }
  assert(false && "every format has a line");
  return "";
}

}  // namespace mtok::model
