// The engine and the stream of oneDNN, for the sources of this room only.
#pragma once

#include <oneapi/dnnl/dnnl.hpp>

#include "sim/host/library.hpp"
#include "sim/kernel/number_format.hpp"

namespace mtok::host {

struct Library::Engine {
  dnnl::engine engine{dnnl::engine::kind::cpu, 0};
  dnnl::stream stream{engine};
};

}  // namespace mtok::host
