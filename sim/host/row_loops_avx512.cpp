// The row loops, compiled for AVX-512.
#include "sim/host/row_loops.hpp"

namespace mtok::host {

RowLoops avx512_loops() {
  return Loops<2>::table();
}

}  // namespace mtok::host
