// An element-wise pass between two matrix products, by itself.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/host/buffer.hpp"
#include "sim/host/operand.hpp"

namespace mtok::host {

/// Gated activation of m rows of 2 n values in F32, written as n operands of the next product each: what
/// stands between the products of a gated feed-forward layer.
class RowPass {
 public:
  RowPass(const Library& library, kernel::NumberFormat format, std::int64_t m, std::int64_t n);
  void run();
  [[nodiscard]] const Buffer& input() const { return input_; }

 private:
  Operands operands_;
  std::int64_t m_;
  std::int64_t n_;
  std::int64_t threads_;
  Buffer input_;
  Buffer output_;
  std::vector<float> scratch_;
};

}  // namespace mtok::host
