// Where the figures of a run come from: every one as a formula of others, down to what stands in a source.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/planner/run.hpp"

namespace mtok::planner {

/// How the value of a figure follows from the values of its parts, in their order.
enum class Rule {
  stated,      ///< no parts: it stands in the source
  sum,         ///< a + b + ...
  difference,  ///< a - b - ...
  product,     ///< a * b * ...
  quotient,    ///< a / b
  power,       ///< a to the power of b
  least,       ///< the least of a, b, ...
  whole,       ///< the largest whole number not above a, at least 0
  nearest,     ///< the whole number nearest to a
  rounded,     ///< a, to the nearest 1e-12 of a dollar
  share,       ///< a * b / c, to 1e-12 of a dollar, by largest remainder
  simulated,   ///< counted or timed by the engine; the part is the run with all that it depends on
  shapes,      ///< a function of the network's shapes and of rules that the source names
  gathered     ///< no value: what belongs together
};
[[nodiscard]] std::string_view name_of(Rule rule);

struct Figure {
  std::string key{};      ///< as in the JSON of a run, "cost.usd_per_mtok.blended", or a name of its own
  std::string meaning{};  ///< in words
  Rule rule = Rule::stated;
  std::optional<double> value{};     ///< in `unit`; absent for texts and for what is only gathered
  std::string unit{};                ///< "USD", "s", "tokens"; empty for plain numbers
  std::string text{};                ///< of what is stated: as the source writes it
  std::string source{};              ///< never empty where the rule is stated, simulated or shapes
  std::string date{};                ///< of the source; empty when undated
  std::vector<std::size_t> parts{};  ///< places in Explanation::figures, behind this one
};

/// A figure and all that it follows from; the figure itself first, each part behind all that use it.
struct Explanation {
  std::vector<Figure> figures{};
};
/// The value of a figure worked out anew from its parts; nullopt where the rule is no arithmetic.
[[nodiscard]] std::optional<double> worked_out(const Explanation& explanation, std::size_t figure);

/// The directed graph of all figures of one result.
class Provenance {
 public:
  /// Reads the files of the result again for the lines on which their numbers stand. Throws config::Error
  /// when one cannot be read.
  Provenance(const RunResult& result, const Catalogue& catalogue);
  Provenance(Provenance&&) noexcept;
  Provenance& operator=(Provenance&&) noexcept;
  ~Provenance();

  /// The keys of all figures, in the order of the JSON of a run, then those of figures in between.
  [[nodiscard]] std::vector<std::string> keys() const;
  /// Nullopt for a key that no figure has.
  [[nodiscard]] std::optional<Explanation> explain(std::string_view key) const;

 private:
  class Graph;
  std::unique_ptr<Graph> graph_;
};

}  // namespace mtok::planner
