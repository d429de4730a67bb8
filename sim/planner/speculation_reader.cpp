// speculative_config: who drafts, how many tokens, how many of them are accepted.
#include "sim/planner/speculation_reader.hpp"

#include <array>

namespace mtok::planner {
namespace {

using config::Choice;
using config::Reader;

enum class Method { draft_model, mtp };
constexpr std::array<Choice<Method>, 2> kMethods{
    {{"draft_model", Method::draft_model}, {"mtp", Method::mtp}}};

std::vector<double> read_acceptance(Reader& reader) {
  constexpr std::int64_t kMostTokens = 16;
  const auto tokens =
      static_cast<std::size_t>(reader.integer("num_speculative_tokens", {.least = 1, .most = kMostTokens}));
  if (!reader.is_list("acceptance_rate")) {
    return std::vector<double>(tokens, reader.number("acceptance_rate", config::kFraction));
  }
  std::vector<double> rates = reader.numbers("acceptance_rate", config::kFraction);
  if (rates.size() != tokens && reader.ok()) {
    reader.fail("acceptance_rate", "give one rate, or one for each of num_speculative_tokens");
  }
  return rates;
}

}  // namespace

SpeculationChoice read_speculation(Reader& reader, const Catalogue& catalogue,
                                   const std::filesystem::path& folder, const model::Sharding& sharding) {
  SpeculationChoice choice;
  if (reader.choice<Method>("method", kMethods) == Method::draft_model) {
    const Catalogue::Lookup lookup = catalogue.find_model(reader.text("model"), folder);
    if (lookup.file) {
      choice.draft_file = *lookup.file;
    } else if (reader.has("model")) {
      reader.fail("model", lookup.problem, lookup.hint);
    }
  }
  choice.speculation.acceptance = read_acceptance(reader);
  reader.done();
  if (reader.ok() && sharding.pipeline > 1) {
    reader.fail("method", "drafts over pipeline stages are not modelled");
  }
  if (reader.ok() && !choice.draft_file.empty()) {
    const std::string obstacle =
        model::sharding_obstacle(model::load_architecture(choice.draft_file), {.tensor = sharding.tensor});
    if (!obstacle.empty()) {
      reader.fail("model", obstacle);
    }
  }
  return choice;
}

}  // namespace mtok::planner
