// A trace file as a stream of checked requests, with the format that was found.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "sim/workload/line_reader.hpp"
#include "sim/workload/request.hpp"
#include "sim/workload/trace.hpp"
#include "sim/workload/trace_rows.hpp"

namespace mtok::workload {

/// Turns the texts of rows into numbers and checks what every format promises: counts in range, totals that
/// add up, arrivals in order, as many hash ids as the prompt has blocks.
class TraceSource final : public RequestSource {
 public:
  /// Throws config::Error as open_trace does. Requires options.rate_scale > 0, limit >= 0, hash_block_size >=
  /// 0.
  TraceSource(const std::filesystem::path& path, const TraceOptions& options);

  bool next(Request& request) override;
  Skipped skipped() const override { return skipped_; }
  std::int64_t hash_block_size() const override { return block_size_; }
  [[nodiscard]] TraceFormat format() const { return rows_->format().format; }

 private:
  [[nodiscard]] std::int64_t arrival_of(const Cell& cell);
  [[nodiscard]] std::int64_t tokens_of(const Cell& cell, std::string_view column) const;
  void check_total(const Cell* total, const Request& request) const;
  void check_hash_ids(const Cell* cell, const Request& request) const;
  /// `offset_ns` after the first row, at the rate of the options.
  [[nodiscard]] std::int64_t stretched(const Cell& cell, std::int64_t offset_ns) const;
  void check_order(const Cell& cell, std::int64_t arrival_ns);
  [[noreturn]] void fail(const Cell& cell, std::string message, std::string hint = {}) const;

  TraceOptions options_;
  LineReader lines_;
  std::unique_ptr<TraceRows> rows_;
  std::int64_t block_size_ = 0;
  std::int64_t first_ns_ = -1;  ///< arrival of the first row, on the trace's own clock; -1 before it
  std::int64_t last_ns_ = 0;
  int last_line_ = 0;
  std::int64_t returned_ = 0;
  Skipped skipped_{};
  std::string why_;
};

}  // namespace mtok::workload
