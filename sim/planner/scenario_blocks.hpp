// The blocks of a scenario file that stand by themselves.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "sim/config/reader.hpp"
#include "sim/planner/catalogue.hpp"
#include "sim/planner/scenario.hpp"

namespace mtok::planner {

/// Bytes a second of any link or memory; a number beyond is a slip in its unit.
inline constexpr config::Range kBandwidth{.least = 1e6, .most = 1e18};

// All note errors in the reader's document, and end it where it is the block itself. What engine and prices
// leave out stays as it is.
void read_engine_block(config::Reader& reader, const Catalogue& catalogue,
                       const std::filesystem::path& folder, EngineChoice& engine);
/// Of the block `parallel`: enable_eplb, eplb_config, enable_dbo; it does not end it.
void read_expert_placement(config::Reader& reader, model::Sharding& sharding);
void read_prices_block(config::Reader& reader, PriceChoice& prices);
/// The keys of `prices` that hold for the whole scenario; leaves the block open. Adds the defaults that it
/// takes.
void read_allocation(config::Reader& reader, PriceChoice& prices, std::vector<Assumption>& defaults);
void read_kv_transfer(config::Reader& reader, KvTransferChoice& choice);
/// Adds the defaults that it takes.
[[nodiscard]] DistillationChoice read_distillation(config::Reader& reader, std::vector<Assumption>& defaults);
/// The list `fleet.tenants`; leaves the block open.
[[nodiscard]] std::vector<TenantChoice> read_tenants(config::Reader& fleet);
/// The block `capacity`. What it leaves out is noted by `mtok capacity`.
[[nodiscard]] CapacityChoice read_capacity(config::Reader& reader);

/// Is there a price for this device? `root`: the block that holds `prices` or `hardware`.
void check_price(config::Reader& root, const PriceChoice& prices, const std::string& device,
                 const Catalogue& catalogue, const std::filesystem::path& folder);

}  // namespace mtok::planner
