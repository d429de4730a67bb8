// The row loops, compiled for every x86-64.
#include "sim/host/row_loops.hpp"

namespace mtok::host {

RowLoops plain_loops() {
  return Loops<0>::table();
}

}  // namespace mtok::host
