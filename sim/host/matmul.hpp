// One matrix product of the kernel library: created once, run often.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "sim/host/library.hpp"
#include "sim/kernel/kernel.hpp"

namespace mtok::host {

/// C[m, n] = A[m, k] W[k, n] with packed weights. Formats by those of the operands, which are equal:
/// fp32: A, W, C in F32; bf16: A, W, C in BF16 (sums in F32);
/// int8: A in U8, W in S8, sums in S32, C in F32 after a scale for each column. Without VNNI the library adds
/// pairs of products in 16 bits, which saturates for large operands: the time is right, the numbers are not.
class Matmul {
 public:
  /// Whether this library, on this machine, under its cap, has a kernel for products in this format.
  [[nodiscard]] static bool supports(const Library& library, kernel::NumberFormat format);
  /// Creates the primitive (0.1 to 25 ms). `scales`: of the columns of C, int8 only; none: 1 each. The batch
  /// of the Gemm is ignored. The library must live as long.
  Matmul(const Library& library, const kernel::Gemm& gemm, const std::vector<float>& scales = {});
  /// The same product for another number of rows, with weights that were packed for `other`.
  [[nodiscard]] Matmul with_rows(std::int64_t m) const;
  Matmul(Matmul&&) noexcept;
  Matmul& operator=(Matmul&&) noexcept;
  ~Matmul();

  /// "brg:avx512_core_vnni": which of its kernels the library took.
  [[nodiscard]] std::string implementation() const;
  /// Size of packed weights.
  [[nodiscard]] std::size_t weight_bytes() const;
  [[nodiscard]] std::size_t input_bytes() const;
  [[nodiscard]] std::size_t output_bytes() const;
  /// Packs row-major W[k, n], values in the format of the weights.
  void pack(const std::byte* row_major, std::byte* packed) const;
  /// Runs to the end.
  void run(const std::byte* input, const std::byte* weights, std::byte* output) const;

 private:
  struct Primitive;
  explicit Matmul(std::unique_ptr<Primitive> primitive);
  std::unique_ptr<Primitive> primitive_;
};

/// The products of one weight matrix with any number of rows. Numbers of rows above 32 are rounded up to a
/// few, so that there are few primitives; they are created on first use.
class MatmulSet {
 public:
  /// Columns of int8 products are not scaled.
  MatmulSet(const Library& library, std::int64_t n, std::int64_t k, kernel::NumberFormat format);
  /// The rows that a product of m rows computes: m, or a few more.
  [[nodiscard]] static std::int64_t padded(std::int64_t m);
  /// For padded(m) rows.
  [[nodiscard]] const Matmul& for_rows(std::int64_t m);
  [[nodiscard]] const Matmul& any() const { return first_; }

 private:
  Matmul first_;
  std::map<std::int64_t, Matmul> by_rows_;
};

}  // namespace mtok::host
