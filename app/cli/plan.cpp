// mtok plan: the cheapest deployment of many that keeps the promises.
#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <sstream>

#include "app/cli/data_root.hpp"
#include "app/cli/interrupt.hpp"
#include "app/cli/output.hpp"
#include "app/cli/progress.hpp"
#include "app/cli/refusal.hpp"
#include "app/cli/verbs.hpp"
#include "app/report/plan_records.hpp"
#include "app/report/plan_report.hpp"

namespace mtok::cli {
namespace {

constexpr const char* kExamples =
    "Every candidate of the cross product is screened by what its devices can do at best; those that are "
    "left\n"
    "replay the whole demand with queueing, each sized to the fewest replicas that keep the promises.\n"
    "\n"
    "Examples:\n"
    "  mtok plan workloads/plan_chat.yaml\n"
    "  mtok plan plan.yaml --ttft 1000 --tpot 40 --top-n 5\n"
    "  mtok plan plan.yaml --target-request-rate 50 --strict-sla --format csv -o plan.csv\n"
    "  mtok plan plan.yaml --buy                         rent devices, or buy tokens?\n"
    "  mtok plan plan.yaml --resume plan.jsonl           take an interrupted search up again\n"
    "  mtok plan plan.yaml --shard 3/16 --resume 3.jsonl one of 16 jobs, numbered from 0; afterwards\n"
    "    cat *.jsonl > all && mtok plan plan.yaml --resume all";

struct Options {
  std::string plan{};
  std::int64_t top_n = 0;
  std::optional<double> ttft_ms{};
  std::optional<double> tpot_ms{};
  std::optional<double> requests_per_s{};
  std::optional<std::int64_t> concurrency{};
  std::string shard{};
  std::string records{};
  bool buy = false;
  bool strict = false;
  Output output{};
};

std::optional<Seconds> from_ms(std::optional<double> ms) {
  return ms ? std::optional(Seconds(*ms * 1e-3)) : std::nullopt;
}

/// "3/16"; nullopt when it is no shard.
std::optional<planner::Shard> shard_of(std::string_view text) {
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos) {
    return std::nullopt;
  }
  const auto whole = [](std::string_view digits, std::int64_t& value) {
    const char* const end = digits.data() + digits.size();
    const auto [rest, error] = std::from_chars(digits.data(), end, value);
    return error == std::errc{} && rest == end;
  };
  planner::Shard shard;
  const bool read = whole(text.substr(0, slash), shard.index) && whole(text.substr(slash + 1), shard.of);
  const bool right = read && shard.index >= 0 && shard.index < shard.of;
  return right ? std::optional(shard) : std::nullopt;
}

std::string check_shard(const std::string& text) {
  return shard_of(text) ? "" : "expected INDEX/COUNT with INDEX from 0 to COUNT - 1, such as 3/16";
}

/// Records of earlier searches, and a file to which this one appends its own.
class RecordFile {
 public:
  explicit RecordFile(const std::string& name) {
    if (name.empty()) {
      return;
    }
    std::stringstream text;
    text << std::ifstream(name, std::ios::binary).rdbuf();
    const std::string_view whole = text.view().substr(0, text.view().rfind('\n') + 1);
    known_ = report::read_records(whole, name);
    if (whole.size() < text.view().size()) {  // the last search was killed while it wrote
      std::filesystem::resize_file(name, whole.size());
    }
    file_.open(name, std::ios::binary | std::ios::app);
    if (!file_) {
      throw Refusal("cannot write '" + name + "'");
    }
  }

  [[nodiscard]] const std::map<std::string, planner::PlanRecord>& known() const { return known_; }
  /// Each record is on the disk's way before the next candidate ends.
  [[nodiscard]] std::function<void(const planner::PlanRecord&)> keeper() {
    if (!file_.is_open()) {
      return {};
    }
    return [this](const planner::PlanRecord& record) { file_ << report::record_line(record) << std::flush; };
  }

 private:
  std::map<std::string, planner::PlanRecord> known_;
  std::ofstream file_;
};

planner::PlanResult search(const Options& options) {
  const planner::Catalogue catalogue = find_catalogue();
  const planner::Plan plan = planner::load_plan(options.plan, catalogue);
  RecordFile records(options.records);
  ProgressBar bar("candidates", options.output.quiet);
  stop_when_terminated();
  return planner::search(
      plan, catalogue,
      {.top_n = options.top_n,
       .ttft = from_ms(options.ttft_ms),
       .tpot = from_ms(options.tpot_ms),
       .requests_per_s = options.requests_per_s,
       .concurrency = options.concurrency,
       .buy = options.buy,
       .shard = shard_of(options.shard).value_or(planner::Shard{}),
       .known = records.known(),
       .keep = records.keeper()},
      [&](std::int64_t done, std::int64_t expected) { return bar.advance(done, expected); });
}

ExitCode plan(const Options& options) {
  planner::PlanResult result = search(options);
  const bool any = !result.rows.empty() && result.rows.front().row.feasible;
  if (options.strict) {
    std::erase_if(result.rows, [](const planner::PlanRow& row) { return !row.row.feasible; });
  }
  options.output.write(report::plan_text(result, options.output.form()));
  options.output.say("warning", result.warnings);
  if (result.cancelled) {
    return terminated() ? ExitCode::partial : ExitCode::interrupted;
  }
  return any ? ExitCode::ok : ExitCode::nothing_feasible;
}

}  // namespace

void add_plan(CLI::App& app, Command& command) {
  const auto options = std::make_shared<Options>();
  CLI::App* const verb = app.add_subcommand("plan", "Find the cheapest deployment that keeps the promises");
  verb->add_option("plan", options->plan, "the plan file")->required()->type_name("PLAN");
  verb->add_option("--top-n", options->top_n,
                   "look for the so many cheapest only; others are simulated as far as needed to be sure")
      ->type_name("N")
      ->check(CLI::Range(1, 1'000'000));
  verb->add_option("--ttft", options->ttft_ms, "promise for TTFT p99, in place of the file's")
      ->type_name("MS")
      ->check(CLI::PositiveNumber);
  verb->add_option("--tpot", options->tpot_ms, "promise for TPOT p99, in place of the file's")
      ->type_name("MS")
      ->check(CLI::PositiveNumber);
  verb->add_option("--target-request-rate", options->requests_per_s,
                   "stretch or squeeze the arrivals to this mean number of requests a second")
      ->type_name("RATE")
      ->check(CLI::PositiveNumber);
  verb->add_option("--target-concurrency", options->concurrency,
                   "in place of the arrivals, so many users who each wait for their answer")
      ->type_name("USERS")
      ->check(CLI::Range(1, 1'000'000))
      ->excludes("--target-request-rate");
  verb->add_option("--resume", options->records,
                   "append what is found to this file, and simulate nothing that stands in it")
      ->type_name("FILE");
  verb->add_option("--shard", options->shard, "only the candidates of one of several jobs, counted from 0")
      ->type_name("I/N")
      ->check(CLI::Validator(check_shard, ""))
      ->excludes("--top-n");
  verb->add_flag("--buy", options->buy,
                 "hold own serving against the list prices of the same networks behind an API");
  verb->add_flag("--strict-sla", options->strict, "show only candidates that keep every promise");
  options->output.add_to(*verb);
  verb->footer(kExamples);
  verb->callback([options, &command] { command = [options] { return plan(*options); }; });
}

}  // namespace mtok::cli
