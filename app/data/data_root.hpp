// Finds the folder with the shipped models, hardware profiles and examples.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace mtok::data {

/// The variable that names the folder.
inline constexpr const char* kVariable = "MTOK_DATA";

/// The folder holds models/ and hwprofiles/.
[[nodiscard]] bool holds_data(const std::filesystem::path& folder);

/// What the environment says, whether it is right or not; nullopt when it says nothing.
[[nodiscard]] std::optional<std::string> stated_root();

/// The nearest folder above the running program that holds the data, or has it in share/mtok, as after an
/// installation; nullopt when there is none.
[[nodiscard]] std::optional<std::filesystem::path> root_above_program();

}  // namespace mtok::data
