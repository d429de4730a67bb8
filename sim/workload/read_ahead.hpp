// Reads a workload on a thread of its own, ahead of who asks for it.
#pragma once

#include <memory>

#include "sim/workload/request.hpp"

namespace mtok::workload {

/// The same requests in the same order: another thread reads a few thousand of them ahead, so that drawing or
/// parsing costs the simulation no time where there is a second core. An error is thrown by next() in its
/// place; skipped() counts the rows up to the last request returned, or a few thousand more.
[[nodiscard]] std::unique_ptr<RequestSource> read_ahead(std::unique_ptr<RequestSource> source);

}  // namespace mtok::workload
