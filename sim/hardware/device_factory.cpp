// Which class models which kind of device: the visible table.
#include <array>
#include <cassert>
#include <utility>

#include "sim/hardware/cpu_device.hpp"
#include "sim/hardware/gpu_device.hpp"
#include "sim/hardware/tpu_device.hpp"

namespace mtok::hardware {
namespace {

using Make = std::unique_ptr<const Device> (*)(DeviceProfile profile, Bytes working_set);

std::unique_ptr<const Device> make_gpu(DeviceProfile profile, Bytes /*working_set*/) {
  return std::make_unique<const GpuDevice>(std::move(profile));
}
std::unique_ptr<const Device> make_tpu(DeviceProfile profile, Bytes /*working_set*/) {
  return std::make_unique<const TpuDevice>(std::move(profile));
}
std::unique_ptr<const Device> make_cpu(DeviceProfile profile, Bytes working_set) {
  return std::make_unique<const CpuDevice>(std::move(profile), working_set);
}

struct Row {
  DeviceKind kind{};
  Make make = nullptr;
};
constexpr std::array<Row, 3> kKinds{
    {{DeviceKind::gpu, make_gpu}, {DeviceKind::tpu, make_tpu}, {DeviceKind::cpu, make_cpu}}};

}  // namespace

std::unique_ptr<const Device> make_device(DeviceProfile profile, Bytes working_set) {
  for (const Row& row : kKinds) {
    if (row.kind == profile.kind) {
      return row.make(std::move(profile), working_set);
    }
  }
  assert(false && "every kind has a row");
  return nullptr;
}

}  // namespace mtok::hardware
