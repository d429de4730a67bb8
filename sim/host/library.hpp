// The kernel library of this machine: which instructions it may use, on which cores.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sim/units/quantity.hpp"

namespace mtok::host {

/// What a measurement ran on.
struct Machine {
  std::string cpu{};      ///< as the processor names itself
  std::string library{};  ///< "oneDNN 2.6.3"
  std::string isa{};      ///< isa_in_force()
  std::int64_t threads = 1;
  std::int64_t cores = 1;  ///< that this process may run on
  Bytes last_level_cache{};
  Bytes memory{};
};

/// Instruction sets that the library can be held to, the narrowest first: "avx2", ..., "avx512_core_amx".
[[nodiscard]] std::vector<std::string_view> isa_names();
/// Holds the library to an instruction set. Only before the first use of a Library in this process; false
/// when the name is not one of isa_names() or it is too late.
[[nodiscard]] bool cap_isa(std::string_view name);
/// The widest set that the library uses here: that of the processor or of the cap, whichever is narrower. One
/// of isa_names(), or "generic". Counts as the first use of the library.
[[nodiscard]] std::string isa_in_force();

/// oneDNN with `threads` threads, each pinned to a core of its own. All calls of one process come from one
/// thread, which is the first of them (libgomp makes a pool for each thread that calls). One at a time.
class Library {
 public:
  explicit Library(std::int64_t threads);
  Library(const Library&) = delete;
  Library& operator=(const Library&) = delete;
  ~Library();

  [[nodiscard]] const Machine& machine() const { return machine_; }

  struct Engine;  ///< the library's own types stay in onednn.hpp
  [[nodiscard]] Engine& engine() const { return *engine_; }

 private:
  std::unique_ptr<Engine> engine_;
  Machine machine_;
};

/// Cores that this process may run on.
[[nodiscard]] std::int64_t available_cores();

}  // namespace mtok::host
