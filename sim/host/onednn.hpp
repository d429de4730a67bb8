// The engine and the stream of oneDNN, for the sources of this room only.
#pragma once

#include <memory>

#include "sim/host/library.hpp"

namespace dnnl {
struct engine;
struct stream;
}  // namespace dnnl

namespace mtok::host {

/// What every primitive is made for and runs in. Members are never null.
struct Library::Engine {
  Engine();
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  std::unique_ptr<dnnl::engine> engine;
  std::unique_ptr<dnnl::stream> stream;
};

}  // namespace mtok::host
