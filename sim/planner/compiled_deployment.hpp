// A network on a device under a framework, with the step times that runs have asked for so far.
#pragma once

#include <memory>

#include "sim/engine/deployment.hpp"
#include "sim/planner/scenario.hpp"

namespace mtok::planner {

/// Owns what its deployment points to, hence stays where it is.
struct CompiledDeployment {
  CompiledDeployment(model::Architecture network, const hardware::DeviceProfile& profile,
                     hardware::FrameworkProfile serving, const Scenario& scenario, model::Routing routing)
      : architecture(std::move(network)),
        framework(std::move(serving)),
        device(hardware::make_device(
            profile,
            model::weight_bytes_per_device(architecture, scenario.formats.weights, scenario.sharding))),
        deployment{.architecture = &architecture,
                   .device = device.get(),
                   .framework = &framework,
                   .sharding = scenario.sharding,
                   .formats = scenario.formats,
                   .routing = routing} {}
  CompiledDeployment(const CompiledDeployment&) = delete;
  CompiledDeployment& operator=(const CompiledDeployment&) = delete;

  model::Architecture architecture;
  hardware::FrameworkProfile framework;
  std::unique_ptr<const hardware::Device> device;
  engine::Deployment deployment;
  std::unique_ptr<engine::StepTimer> timer{};  ///< null until first needed
};

}  // namespace mtok::planner
