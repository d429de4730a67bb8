// What the catalogue holds, as text: models, devices, prices, frameworks.
#pragma once

#include <string>
#include <vector>

#include "app/report/form.hpp"
#include "sim/cost/price_book.hpp"
#include "sim/hardware/device_profile.hpp"
#include "sim/hardware/framework_profile.hpp"
#include "sim/model/architecture.hpp"

namespace mtok::report {

/// Lists are one line an entry; schema `mtok.show/1`.
[[nodiscard]] std::string show_models(const std::vector<model::Architecture>& models, Form form);
[[nodiscard]] std::string show_devices(const std::vector<hardware::DeviceProfile>& devices,
                                       const cost::PriceBook& prices, Form form);
[[nodiscard]] std::string show_prices(const cost::PriceBook& prices, Form form);
[[nodiscard]] std::string show_frameworks(const std::vector<hardware::FrameworkProfile>& frameworks,
                                          Form form);

/// One entry with all its figures. A model: parameters, and bytes by number format.
[[nodiscard]] std::string show_model(const model::Architecture& model, Form form);
[[nodiscard]] std::string show_device(const hardware::DeviceProfile& device, const cost::PriceBook& prices,
                                      Form form);

}  // namespace mtok::report
