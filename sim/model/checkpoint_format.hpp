// The number format of a checkpoint: torch_dtype and quantization_config, both ways.
#pragma once

#include <string>

#include "sim/config/reader.hpp"
#include "sim/kernel/number_format.hpp"

namespace mtok::model {

struct CheckpointFormat {
  kernel::NumberFormat format = kernel::NumberFormat::bf16;
  bool only_experts = false;  ///< the quantization leaves attention in 16 bits
};

/// Reads torch_dtype (or dtype) and quantization_config of a mapping. Neither: bf16. Notes an error for a
/// method or a width that no NumberFormat stands for. `strict`: unknown keys of quantization_config are
/// errors.
[[nodiscard]] CheckpointFormat read_checkpoint_format(config::Reader& reader, bool strict);

/// The YAML lines that `read_checkpoint_format` reads back.
[[nodiscard]] std::string checkpoint_format_yaml(const CheckpointFormat& checkpoint);

}  // namespace mtok::model
