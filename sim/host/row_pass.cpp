// Rows shared out over the threads.
#include "sim/host/row_pass.hpp"

#include <omp.h>

namespace mtok::host {
namespace {

constexpr std::int64_t kWorthSharing = 16384;

std::size_t size(std::int64_t n) {
  return static_cast<std::size_t>(n);
}

}  // namespace

RowPass::RowPass(const Library& library, kernel::NumberFormat format, std::int64_t m, std::int64_t n)
    : operands_(library, format),
      m_(m),
      n_(n),
      threads_(library.machine().threads),
      input_(size(m * 2 * n) * sizeof(float)),
      output_(size(m * n) * operands_.input_size()),
      scratch_(size(threads_ * n)) {
  fill_f32(input_.as<float>(), size(m * 2 * n), 5);
}

void RowPass::run() {
#pragma omp parallel for if (m_ * n_ >= kWorthSharing)
  for (std::int64_t r = 0; r < m_; ++r) {
    const float* const row = input_.as<float>() + r * 2 * n_;
    float* const values = &scratch_[size(omp_get_thread_num()) * size(n_)];
    operands_.loops().gate(row, row + n_, n_, values);
    (void)operands_.write(values, n_, output_.data() + size(r * n_) * operands_.input_size());
  }
}

}  // namespace mtok::host
