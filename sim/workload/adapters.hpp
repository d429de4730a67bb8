// Low-rank adapters of requests: those that a trace names, or drawn ones.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "sim/workload/request.hpp"

namespace mtok::workload {

/// A share of the requests asks for one of `adapters` adapters each, drawn by Zipf's law (0: all alike).
struct AdapterDraw {
  std::int64_t adapters = 1;
  double skew = 0;
  double share = 1;
};

/// Numbers the adapters of requests: drawn ones, or the names in Request::model in the order in which they
/// come. Equal content ids under two adapters mean different content, since their keys and values differ.
[[nodiscard]] std::unique_ptr<RequestSource> with_adapters(std::unique_ptr<RequestSource> source,
                                                           const std::optional<AdapterDraw>& draw,
                                                           std::uint64_t seed);

}  // namespace mtok::workload
