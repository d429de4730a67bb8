// The row loops, compiled for AVX2.
#include "sim/host/row_loops.hpp"

namespace mtok::host {

RowLoops avx2_loops() {
  return Loops<1>::table();
}

}  // namespace mtok::host
