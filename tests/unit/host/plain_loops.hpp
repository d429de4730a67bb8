// The same sums as the kernel library's, by plain loops in double.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/host/buffer.hpp"
#include "sim/host/library.hpp"

namespace mtok::host {

using Matrix = std::vector<float>;

inline Matrix random_matrix(std::int64_t rows, std::int64_t columns, std::uint32_t seed) {
  Matrix matrix(static_cast<std::size_t>(rows * columns));
  fill_f32(matrix.data(), matrix.size(), seed);
  return matrix;
}

/// Without VNNI the library adds pairs of products of int8 in 16 bits, which saturates.
inline bool adds_int8_exactly(const Library& library) {
  const std::string& isa = library.machine().isa;
  return isa.starts_with("avx512_core_");
}

/// C[m, n] = A[m, k] W[k, n]
inline Matrix plain_product(const Matrix& a, const Matrix& w, std::int64_t m, std::int64_t n,
                            std::int64_t k) {
  Matrix c(static_cast<std::size_t>(m * n));
  for (std::int64_t i = 0; i < m; ++i) {
    for (std::int64_t j = 0; j < n; ++j) {
      double sum = 0;
      for (std::int64_t l = 0; l < k; ++l) {
        sum += static_cast<double>(a[static_cast<std::size_t>(i * k + l)]) *
               static_cast<double>(w[static_cast<std::size_t>(l * n + j)]);
      }
      c[static_cast<std::size_t>(i * n + j)] = static_cast<float>(sum);
    }
  }
  return c;
}

/// sqrt(sum (a - b)^2 / sum b^2)
inline double relative_distance(const Matrix& a, const Matrix& b) {
  double difference = 0;
  double size = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    difference += static_cast<double>((a[i] - b[i]) * (a[i] - b[i]));
    size += static_cast<double>(b[i] * b[i]);
  }
  return __builtin_sqrt(difference / size);
}

}  // namespace mtok::host
