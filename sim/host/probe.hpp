// A quick look at how fast the machine is right now, to tell a disturbed measurement from a good one.
#pragma once

#include "sim/host/buffer.hpp"
#include "sim/host/library.hpp"
#include "sim/host/matmul.hpp"

namespace mtok::host {

/// What the machine reaches at this moment.
struct Pace {
  FlopsPerSecond multiply{};  ///< F32 product with operands in the nearest cache
  BytesPerSecond stream{};    ///< weights read from memory, m = 1
};
/// The better of each.
[[nodiscard]] Pace faster(const Pace& a, const Pace& b);
/// The mean of each.
[[nodiscard]] Pace between(const Pace& a, const Pace& b);
/// By what share a pace falls short of the best one, the worse of the two; 0 when it does not.
[[nodiscard]] double shortfall(const Pace& pace, const Pace& best);

/// Takes about 15 ms a look. The library must live as long.
class Probe {
 public:
  explicit Probe(const Library& library);
  [[nodiscard]] Pace look();

 private:
  Matmul product_;
  Matmul stream_;
  Buffer operands_;
  Buffer weights_;
  std::size_t next_ = 0;
};

}  // namespace mtok::host
