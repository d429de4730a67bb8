// The figures of a result while their graph is built: nodes with keys, edges to their parts.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sim/planner/provenance.hpp"

namespace mtok::planner {

/// A directed acyclic graph; parts must be there before what they are parts of.
class FigureGraph {
 public:
  using Id = std::size_t;

  FigureGraph();
  FigureGraph(FigureGraph&&) noexcept;
  FigureGraph& operator=(FigureGraph&&) noexcept;
  ~FigureGraph();

  /// Adds a figure; when it has no value, that is worked out by its rule. Its key must be new.
  Id add(Figure figure, const std::vector<Id>& parts = {});
  [[nodiscard]] double value_of(Id figure) const;
  [[nodiscard]] bool has(std::string_view key) const;
  /// Requires that there is one.
  [[nodiscard]] Id find(std::string_view key) const;
  [[nodiscard]] std::vector<std::string> keys() const;
  [[nodiscard]] Explanation below(Id figure) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// The rule applied to values; nullopt where it is no arithmetic.
[[nodiscard]] std::optional<double> value_by(Rule rule, const std::vector<double>& parts);

}  // namespace mtok::planner
