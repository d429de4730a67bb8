// Teaches the command line.
#include "app/cli/usage.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

#include "app/cli/output.hpp"
#include "app/report/text.hpp"
#include "sim/config/reader.hpp"

namespace mtok::cli {
namespace {

constexpr const char* kDescription =
    "What does a million tokens cost, and what would make it cheaper?\n"
    "mtok replays a token workload on modelled GPUs, TPUs and CPUs and prices every second of the fleet.";

constexpr const char* kExamples =
    "Examples:\n"
    "  mtok run workloads/chat.yaml                      what this scenario costs, and why\n"
    "  mtok ladder workloads/chat.yaml                   what each technique saves, one after the other\n"
    "  mtok plan workloads/plan_chat.yaml                which of many deployments is the cheapest that "
    "keeps up\n"
    "  mtok export plan.json --to kubernetes             the winner as a manifest\n"
    "  mtok compare a.yaml b.yaml --format md            scenarios side by side, for a document\n"
    "  mtok diff before.yaml after.yaml                  what a change does to the bill, and why\n"
    "  mtok sensitivity chat.yaml                        what it depends on, and how sure it is\n"
    "  mtok run chat.yaml --format json | jq .cost       the same for programs\n"
    "  mtok show devices                                 what there is to choose from\n"
    "\n"
    "'mtok VERB --help' shows the flags of a verb, with examples.\n"
    "Exit codes: 0 ok, 1 bug, 2 usage, 3 invalid input, 4 nothing feasible, 5 gate failed, 6 partial, 130 "
    "interrupted.";

constexpr const char* kVersion = "mtok " MTOK_VERSION;

std::vector<std::string> verbs_of(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* verb : app.get_subcommands([](const CLI::App*) { return true; })) {
    names.push_back(verb->get_name());
  }
  return names;
}

std::vector<std::string> flags_of(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) {
      names.push_back("--" + name);
    }
  }
  return names;
}

/// The innermost verb that was named.
const CLI::App& named(const CLI::App& app) {
  const std::vector<CLI::App*> chosen = app.get_subcommands();
  return chosen.empty() ? app : named(*chosen.front());
}

/// ": did you mean '--format'?" for a word that is near a known one.
std::string suggestion(const CLI::App& app, const std::string& word) {
  const std::string flag = word.substr(0, word.find('='));
  const std::string near =
      flag.starts_with("-") ? config::nearest(flag, flags_of(app)) : config::nearest(flag, verbs_of(app));
  return near.empty() ? "" : fmt::format("; did you mean '{}'?", near);
}

ExitCode explain(const CLI::App& app, const std::string& mistake) {
  std::string name = "mtok";
  for (const CLI::App* verb = &app; !verb->get_subcommands().empty();) {
    verb = verb->get_subcommands().front();
    name += " " + verb->get_name();
  }
  fmt::print(stderr, "{}: error: {}\nTry '{} --help'.\n", name, mistake, name);
  return ExitCode::usage;
}

/// The first word of a command line that is no flag and no known verb.
std::optional<std::string> unknown_verb(const CLI::App& app, int count, const char* const* words) {
  const std::vector<std::string> known = verbs_of(app);
  for (int i = 1; i < count; ++i) {
    const std::string word = words[i];
    if (!word.starts_with("-")) {
      const bool is_verb = std::find(known.begin(), known.end(), word) != known.end();
      return is_verb ? std::nullopt : std::optional(word);
    }
  }
  return std::nullopt;
}

/// A mistake in the user's words, rather than those of the parser.
std::string mistake_of(const CLI::App& app, const CLI::ParseError& error) {
  const CLI::App& verb = named(app);
  const std::vector<std::string> left = app.remaining(true);
  if (error.get_exit_code() == static_cast<int>(CLI::ExitCodes::ExtrasError) && !left.empty()) {
    const std::string kind = left.front().starts_with("-") ? "flag" : "argument";
    return fmt::format("unknown {} '{}'{}", kind, report::printable(left.front()),
                       suggestion(verb, left.front()));
  }
  const bool needs_verb =
      error.get_exit_code() == static_cast<int>(CLI::ExitCodes::RequiredError) && !verbs_of(verb).empty();
  return needs_verb ? fmt::format("expected one of: {}", fmt::join(verbs_of(verb), ", "))
                    : report::printable(error.what());
}

}  // namespace

void describe(CLI::App& app) {
  app.name("mtok");
  app.description(kDescription);
  app.footer(kExamples);
  app.set_version_flag("--version", kVersion, "print the version and leave");
  app.set_help_flag("-h,--help", "print this help and leave");
  app.require_subcommand(1);
}

std::optional<ExitCode> parse(CLI::App& app, int count, const char* const* words) {
  if (count <= 1) {
    fmt::print(stderr, "{}", app.help());
    return ExitCode::usage;
  }
  if (const std::optional<std::string> word = unknown_verb(app, count, words)) {
    return explain(app, fmt::format("unknown verb '{}'{}", report::printable(*word), suggestion(app, *word)));
  }
  try {
    app.parse(count, words);
    return std::nullopt;
  } catch (const CLI::CallForHelp&) {
    write_to_stdout(app.help());
  } catch (const CLI::CallForVersion&) {
    write_to_stdout(std::string(kVersion) + "\n");
  } catch (const CLI::ParseError& error) {
    return explain(app, mistake_of(app, error));
  }
  return ExitCode::ok;
}

}  // namespace mtok::cli
