// The kinds of files and texts that `mtok import` reads.
#pragma once

#include "app/cli/verbs.hpp"

namespace mtok::cli {

void add_import_vllm(CLI::App& import, Command& command);

}  // namespace mtok::cli
