// Chooses the row loops of an instruction set.
#include "sim/host/rows.hpp"

#include "sim/host/row_loops.hpp"

namespace mtok::host {

const RowLoops& row_loops(std::string_view isa) {
  static const RowLoops plain = plain_loops();
  static const RowLoops avx2 = avx2_loops();
  static const RowLoops avx512 = avx512_loops();
  if (isa.starts_with("avx512")) {
    return avx512;
  }
  return isa == "avx2" ? avx2 : plain;
}

}  // namespace mtok::host
