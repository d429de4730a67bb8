// Takes the figures of two runs and subtracts them.
#include "app/report/diff_lines.hpp"

#include <functional>

#include "app/report/figures.hpp"
#include "app/report/text.hpp"

namespace mtok::report {
namespace {

using planner::Diff;
using planner::RunResult;

/// How a number is written for the eye and in JSON.
struct Style {
  std::function<std::string(double)> text{};
  std::function<Json(double)> json{};
};

Style plain() {
  return {[](double v) { return significant(v); }, [](double v) { return number(v); }};
}
Style counted() {
  return {[](double v) { return grouped(v, 0); }, [](double v) { return number(v); }};
}
Style share() {
  return {[](double v) { return percent(v); }, [](double v) { return number(v); }};
}
/// USD per million tokens.
Style rate() {
  return {[](double v) { return dollars_per_mtok(UsdPerToken(v / 1e6)); },
          [](double v) { return usd_per_mtok(UsdPerToken(v / 1e6)); }};
}
/// Dollars that are real numbers: prices and rents, not amounts of a bill.
Style real_dollars() {
  return {[](double v) { return dollars(Usd(v)); }, [](double v) { return usd(std::optional(Usd(v))); }};
}

std::string with_sign(const std::string& text, bool positive) {
  return (positive ? "+" : "") + text;
}

DiffLine line_of(std::string key, std::string title, std::optional<double> before,
                 std::optional<double> after, const Style& style) {
  const auto text = [&](std::optional<double> v) { return v ? style.text(*v) : std::string(kNone); };
  const auto json = [&](std::optional<double> v) { return v ? style.json(*v) : Json(nullptr); };
  std::optional<double> change;
  if (before && after) {
    change = *after - *before;
  }
  DiffLine line{.key = std::move(key),
                .title = std::move(title),
                .before = json(before),
                .after = json(after),
                .change = json(change),
                .before_text = text(before),
                .after_text = text(after),
                .change_text = change ? with_sign(style.text(*change), *change > 0) : text(change)};
  if (change && *before != 0) {
    line.relative = *change / *before;
  }
  return line;
}

DiffLine money_line(std::string key, std::string title, std::optional<Money> before,
                    std::optional<Money> after) {
  const auto text = [](std::optional<Money> m) { return m ? dollars(*m) : std::string(kNone); };
  DiffLine line{.key = std::move(key),
                .title = std::move(title),
                .before = usd(before),
                .after = usd(after),
                .before_text = text(before),
                .after_text = text(after),
                .change_text = std::string(kNone)};
  if (before && after) {
    line.change = usd(std::optional(*after - *before));
    line.change_text = signed_dollars(*after - *before);
    if (*before != Money{}) {
      line.relative = (*after - *before).usd() / before->usd();
    }
  }
  return line;
}

DiffLine word_line(std::string key, std::string title, const std::optional<std::string>& before,
                   const std::optional<std::string>& after) {
  const auto json = [](const std::optional<std::string>& w) { return w ? Json(*w) : Json(nullptr); };
  return {.key = std::move(key),
          .title = std::move(title),
          .before = json(before),
          .after = json(after),
          .before_text = before.value_or(std::string(kNone)),
          .after_text = after.value_or(std::string(kNone)),
          .change_text = ""};
}

/// What `get` makes of a run; absent when the run is not feasible.
template <class Get>
auto of(const RunResult& result, const Get& get) -> std::optional<decltype(get(result))> {
  return result.infeasible ? std::nullopt : std::optional(get(result));
}

/// The same where `get` may itself find nothing.
template <class Get>
auto within(const RunResult& result, const Get& get) -> decltype(get(result)) {
  return result.infeasible ? std::nullopt : get(result);
}

using Amount = std::function<std::optional<double>(const RunResult&)>;

DiffLine figure(const Diff& diff, const std::string& key, const std::string& title, const Style& style,
                const Amount& get) {
  return line_of(key, title, within(diff.before, get), within(diff.after, get), style);
}

std::optional<double> in_mtok(std::optional<UsdPerToken> per_token) {
  return per_token ? std::optional(per_token->base() * 1e6) : std::nullopt;
}

void add_latencies(const Diff& diff, std::vector<DiffLine>& lines) {
  struct Latency {
    std::string key;
    std::string title;
    engine::Distribution engine::Metrics::*distribution;
    bool gap;  ///< exists only where a request has a second token
  };
  struct Percentile {
    std::string name;
    Seconds engine::Distribution::*value;
  };
  const std::vector<Latency> latencies{{"ttft", "TTFT", &engine::Metrics::ttft, false},
                                       {"tpot", "TPOT", &engine::Metrics::tpot, true},
                                       {"e2e", "E2E", &engine::Metrics::e2e, false}};
  const std::vector<Percentile> percentiles{{"p50", &engine::Distribution::p50},
                                            {"p90", &engine::Distribution::p90},
                                            {"p99", &engine::Distribution::p99}};
  for (const Latency& latency : latencies) {
    for (const Percentile& percentile : percentiles) {
      const auto get = [&](const RunResult& result) -> std::optional<double> {
        const Figures figures = figures_of(result);
        const bool measured = latency.gap ? figures.any_gap : figures.any_completed;
        const Seconds value = result.metrics.*latency.distribution.*percentile.value;
        return measured ? std::optional(value.base() * 1e3) : std::nullopt;
      };
      lines.push_back(figure(diff, latency.key + "_" + percentile.name + "_ms",
                             latency.title + " " + percentile.name + " ms", plain(), get));
    }
  }
}

double device_hours(const RunResult& result) {
  return figures_of(result).makespan.base() / 3600;
}

double price_per_hour(const RunResult& result) {
  return result.price.per_device.base() * 3600;
}

void set_effect(DiffLine& line, Json effect, std::string text) {
  line.change = std::move(effect);
  line.change_text = std::move(text);
}

}  // namespace

std::vector<DiffLine> bill_lines(const Diff& diff) {
  const auto part = [&](const std::string& key, const std::string& title, Money cost::Parts::*amount) {
    const auto get = [&](const RunResult& result) { return result.bill.parts.*amount; };
    return money_line(key, title, of(diff.before, get), of(diff.after, get));
  };
  const auto total = [](const RunResult& result) { return result.bill.total; };
  return {part("input_usd", "input", &cost::Parts::input),
          part("cached_input_usd", "cached input", &cost::Parts::cached_input),
          part("output_usd", "output", &cost::Parts::output), part("idle_usd", "idle", &cost::Parts::idle),
          money_line("total_usd", "total", of(diff.before, total), of(diff.after, total))};
}

std::vector<DiffLine> rate_lines(const Diff& diff) {
  const auto line = [&](const std::string& key, const std::string& title,
                        std::optional<UsdPerToken> cost::UnitCosts::*rate_of) {
    return figure(diff, key + "_usd_per_mtok", title, rate(),
                  [=](const RunResult& result) { return in_mtok(result.bill.per_token.*rate_of); });
  };
  return {line("input", "input", &cost::UnitCosts::input),
          line("cached_input", "cached input", &cost::UnitCosts::cached_input),
          line("output", "output", &cost::UnitCosts::output),
          line("idle", "idle, over all tokens", &cost::UnitCosts::idle),
          line("blended", "blended, idle included", &cost::UnitCosts::blended)};
}

std::vector<DiffLine> figure_lines(const Diff& diff) {
  const auto slo = [](const RunResult& result) {
    return std::string(result.metrics.slo_met ? "kept" : "broken");
  };
  std::vector<DiffLine> lines{word_line("slo", "SLO", of(diff.before, slo), of(diff.after, slo))};
  add_latencies(diff, lines);
  const auto add = [&](const std::string& key, const std::string& title, const Style& style,
                       const Amount& get) { lines.push_back(figure(diff, key, title, style, get)); };
  const auto count = [](std::int64_t value) { return std::optional(static_cast<double>(value)); };
  add("completed", "requests completed", counted(),
      [=](const RunResult& r) { return count(r.metrics.completed); });
  add("rejected", "requests rejected", counted(),
      [=](const RunResult& r) { return count(r.metrics.rejected); });
  add("input_tokens", "input tokens", counted(),
      [=](const RunResult& r) { return count(r.metrics.input_tokens); });
  add("cached_input_tokens", "of them, from the cache", counted(),
      [=](const RunResult& r) { return count(r.metrics.cached_input_tokens); });
  add("output_tokens", "output tokens", counted(),
      [=](const RunResult& r) { return count(r.metrics.output_tokens); });
  add("replicas", "replicas", counted(), [=](const RunResult& r) { return count(r.scenario.replicas); });
  add("devices", "devices", counted(), [=](const RunResult& r) { return count(figures_of(r).devices); });
  add("makespan_s", "makespan s", plain(), [](const RunResult& r) { return figures_of(r).makespan.base(); });
  add("busy", "busy share", share(), [](const RunResult& r) { return figures_of(r).busy; });
  add("energy_kwh", "energy kWh", plain(),
      [](const RunResult& r) { return figures_of(r).energy.base() / 3.6e6; });
  add("usd_per_month", "rent a month", real_dollars(),
      [](const RunResult& r) { return r.bill.per_month.base(); });
  return lines;
}

std::vector<DiffLine> bill_cause_lines(const Diff& diff) {
  if (!diff.bill) {
    return {};
  }
  const auto cause = [&](DiffLine line, Money effect) {
    set_effect(line, usd(std::optional(effect)), signed_dollars(effect));
    return line;
  };
  return {cause(figure(diff, "price_usd_per_device_hour", "price of a device-hour", real_dollars(),
                       price_per_hour),
                diff.bill->price),
          cause(figure(diff, "devices", "devices", counted(),
                       [](const RunResult& r) { return static_cast<double>(figures_of(r).devices); }),
                diff.bill->devices),
          cause(figure(diff, "hours", "hours", plain(), device_hours), diff.bill->time)};
}

std::vector<DiffLine> rate_cause_lines(const Diff& diff) {
  if (!diff.rate) {
    return {};
  }
  const auto cause = [&](DiffLine line, UsdPerToken effect) {
    set_effect(line, usd_per_mtok(effect), signed_dollars_per_mtok(effect));
    return line;
  };
  const auto work = [](const RunResult& result) -> std::optional<double> {
    const auto per_token = planner::work_per_token(result);
    return per_token ? std::optional(per_token->base() * 1e6) : std::nullopt;
  };
  return {
      cause(
          figure(diff, "price_usd_per_device_hour", "price of a device-hour", real_dollars(), price_per_hour),
          diff.rate->price),
      cause(figure(diff, "busy_device_s_per_mtok", "busy device-seconds per million tokens", plain(), work),
            diff.rate->work),
      cause(figure(diff, "utilisation", "utilisation", share(), planner::utilisation),
            diff.rate->utilisation)};
}

std::string signed_percent(std::optional<double> change) {
  return change ? with_sign(percent(change), *change > 0) : std::string(kNone);
}

std::string signed_dollars(Money amount) {
  return with_sign(dollars(amount), amount > Money{});
}

}  // namespace mtok::report
