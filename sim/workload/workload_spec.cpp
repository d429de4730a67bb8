// Reads the description of a generated workload.
#include "sim/workload/workload_spec.hpp"

#include "sim/config/reader.hpp"

namespace mtok::workload {

WorkloadSpec load_workload_spec(const std::filesystem::path& path) {
  config::Document document = config::Document::load(path);
  config::Reader root = document.root();
  WorkloadSpec spec;
  if (root.integer("mtok") != 1) {
    root.fail("mtok", "expected schema version 1");
  }
  spec.name = root.text("name");
  spec.source = root.text("source");
  spec.seed = static_cast<std::uint64_t>(root.integer_or("seed", 1, {.least = 0}));
  spec.synthetic = read_synthetic(root.mapping("synthetic"));
  root.done();
  document.finish();
  return spec;
}

}  // namespace mtok::workload
