// The flags of vLLM's server that a scenario has a word for, and those that change nothing in it.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "sim/planner/serve_command.hpp"

namespace mtok::planner {

/// Throws config::Error at `column`, from 0, of the line named "command".
[[noreturn]] void refuse_command(std::size_t column, std::string message, std::string hint = {});

/// The number format that a word of a quantization or of a repository's name stands for.
[[nodiscard]] std::optional<kernel::NumberFormat> format_named_in(std::string_view text);

/// A flag of the command line with its value.
struct GivenFlag {
  std::string flag{};  ///< with its hyphens
  std::string value{};
  std::size_t at = 0;  ///< of its first sign, from 0
};

/// What the flags so far have said.
struct TakenFlags {
  ServeCommand command{};
  bool experts = false;   ///< expert parallelism, over all ranks
  bool adapters = false;  ///< `lora` counts
  LoraChoice lora{};
};

struct ServeFlag {
  std::string_view name{};  ///< without hyphens in front
  bool valued = false;
  void (*take)(TakenFlags& taken, const GivenFlag& given) = nullptr;  ///< none: a step does not depend on it
};

/// Names: vLLM "Engine Arguments"; keys of --speculative-config and --eplb-config:
/// vllm.config.SpeculativeConfig and EPLBConfig. nullptr: not known here.
[[nodiscard]] const ServeFlag* serve_flag(std::string_view name);

}  // namespace mtok::planner
