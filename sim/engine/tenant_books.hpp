// Numbers tenants by name, and adds up the requests of each.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "sim/engine/request_totals.hpp"

namespace mtok::engine {

/// Places are those of the names, and one more for all others. Without names nothing is counted.
class TenantBooks {
 public:
  TenantBooks(const std::vector<std::string>& names, const Slo& slo)
      : totals_(names.empty() ? 0 : names.size() + 1) {
    for (const std::string& name : names) {
      places_.emplace(name, places_.size());
    }
    for (RequestTotals& totals : totals_) {
      totals.slo = slo;
    }
  }

  [[nodiscard]] std::int16_t place_of(const std::string& name) const {
    if (totals_.empty()) {
      return 0;
    }
    const auto place = places_.find(name);
    return static_cast<std::int16_t>(place == places_.end() ? places_.size() : place->second);
  }
  void add(const RequestRecord& request) {
    if (!totals_.empty()) {
      totals_[static_cast<std::size_t>(request.tenant)].add(request);
    }
  }
  [[nodiscard]] std::vector<RequestTotals> take() { return std::move(totals_); }

 private:
  std::unordered_map<std::string, std::size_t> places_;
  std::vector<RequestTotals> totals_;
};

}  // namespace mtok::engine
