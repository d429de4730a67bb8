// mtok show: what the catalogue holds.
#include "app/report/show_report.hpp"

#include <array>
#include <memory>

#include "app/cli/data_root.hpp"
#include "app/cli/output.hpp"
#include "app/cli/refusal.hpp"
#include "app/cli/verbs.hpp"

namespace mtok::cli {
namespace {

namespace fs = std::filesystem;
using planner::Catalogue;

constexpr const char* kExamples =
    "Examples:\n"
    "  mtok show devices\n"
    "  mtok show device h100-sxm\n"
    "  mtok show model llama-3.1-70b --format json\n"
    "  mtok show model ./config.json                     a file works as well as a name\n"
    "  mtok show prices -o prices.csv";

constexpr const char* kDefaultBook = "default";

struct Options {
  std::string topic{};
  std::string name{};
  std::string book = kDefaultBook;
  Output output{};
};

/// The file that was found, or an error with the nearest name.
fs::path file_of(const Catalogue::Lookup& lookup) {
  if (!lookup.file) {
    throw Refusal(lookup.problem, lookup.hint);
  }
  return *lookup.file;
}

cost::PriceBook price_book(const Options& options, const Catalogue& catalogue) {
  return cost::PriceBook::load(file_of(catalogue.find_price_book(options.book, {})));
}

std::string models(const Options& options, const Catalogue& catalogue) {
  std::vector<model::Architecture> list;
  for (const std::string& name : catalogue.models()) {
    list.push_back(model::load_architecture(file_of(catalogue.find_model(name, {}))));
  }
  return report::show_models(list, options.output.form());
}

std::string devices(const Options& options, const Catalogue& catalogue) {
  std::vector<hardware::DeviceProfile> list;
  for (const std::string& name : catalogue.devices()) {
    list.push_back(catalogue.device(file_of(catalogue.find_device(name, {}))));
  }
  return report::show_devices(list, price_book(options, catalogue), options.output.form());
}

std::string frameworks(const Options& options, const Catalogue& catalogue) {
  std::vector<hardware::FrameworkProfile> list;
  for (const std::string& name : catalogue.frameworks()) {
    list.push_back(hardware::load_framework(file_of(catalogue.find_framework(name, {}))));
  }
  return report::show_frameworks(list, options.output.form());
}

std::string prices(const Options& options, const Catalogue& catalogue) {
  return report::show_prices(price_book(options, catalogue), options.output.form());
}

std::string model(const Options& options, const Catalogue& catalogue) {
  const fs::path file = file_of(catalogue.find_model(options.name, {}));
  return report::show_model(model::load_architecture(file), options.output.form());
}

std::string device(const Options& options, const Catalogue& catalogue) {
  const fs::path file = file_of(catalogue.find_device(options.name, {}));
  return report::show_device(catalogue.device(file), price_book(options, catalogue), options.output.form());
}

struct Topic {
  std::string_view word;
  bool needs_name;
  std::string (*text)(const Options&, const Catalogue&);
};
constexpr std::array<Topic, 6> kTopics{{{"models", false, models},
                                        {"devices", false, devices},
                                        {"frameworks", false, frameworks},
                                        {"prices", false, prices},
                                        {"model", true, model},
                                        {"device", true, device}}};

const Topic* topic_named(const std::string& word) {
  for (const Topic& topic : kTopics) {
    if (topic.word == word) {
      return &topic;
    }
  }
  return nullptr;
}

std::string check_topic(const std::string& word) {
  return topic_named(word) != nullptr
             ? ""
             : "expected models, devices, frameworks, prices, model NAME or device NAME, got '" + word + "'";
}

ExitCode show(const Options& options) {
  options.output.write(topic_named(options.topic)->text(options, find_catalogue()));
  return ExitCode::ok;
}

/// A name goes with `model` and `device`, and only with them.
void check_name(const Options& options) {
  const bool needed = topic_named(options.topic)->needs_name;
  if (needed == options.name.empty()) {
    throw CLI::ValidationError("show " + options.topic,
                               needed ? "which one? Give its name" : "takes no name");
  }
}

}  // namespace

void add_show(CLI::App& app, Command& command) {
  const auto options = std::make_shared<Options>();
  CLI::App* const verb = app.add_subcommand("show", "List models, devices, prices, frameworks, or show one");
  verb->add_option("what", options->topic, "models, devices, frameworks, prices, model NAME, device NAME")
      ->required()
      ->type_name("WHAT")
      ->check(check_topic);
  verb->add_option("name", options->name, "of a model or a device, or a file")->type_name("NAME");
  verb->add_option("--prices", options->book, "the price book")->type_name("BOOK");
  options->output.add_to(*verb);
  verb->footer(kExamples);
  verb->callback([options, &command] {
    check_name(*options);
    command = [options] { return show(*options); };
  });
}

}  // namespace mtok::cli
