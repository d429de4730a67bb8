// Writes requests as a trace of our own format.
#pragma once

#include <filesystem>
#include <iosfwd>

#include "sim/workload/request.hpp"

namespace mtok::workload {

/// Writes what is left of `source` as a CSV trace
/// `arrival_s,input_tokens,output_tokens,tenant,model[,hash_ids]`, which open_trace reads back as the same
/// requests, given the same hash block size. Arrivals have up to 9 decimals, exact; hash ids are there when
/// source.hash_block_size() > 0. Names that a spreadsheet would run as formulas are guarded. Returns the
/// number of requests; the state of `out` tells whether they could be written.
std::int64_t write_mtok_csv(RequestSource& source, std::ostream& out);

/// The same to a file, compressed when its name ends in .gz. The bytes depend on the requests only (and,
/// compressed, on the version of zlib). Throws config::Error when the file cannot be written, or its name
/// ends in anything else than .csv or .csv.gz.
std::int64_t write_mtok_csv(RequestSource& source, const std::filesystem::path& path);

}  // namespace mtok::workload
