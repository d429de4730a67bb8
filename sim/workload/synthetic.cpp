// Draws a workload request by request: sessions start, take their turns, and are merged by time.
#include "sim/workload/synthetic.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <numeric>
#include <optional>
#include <queue>
#include <string_view>
#include <utility>

#include "sim/workload/random.hpp"

namespace mtok::workload {
namespace {

/// Whole nanoseconds; times past 126 years stay there, so that no sum of them overflows.
std::int64_t nanoseconds_of(double seconds) {
  return std::llround(std::min(seconds, 4e9) * 1e9);
}

/// Draws from one Lengths.
class LengthSampler {
 public:
  explicit LengthSampler(const Lengths& lengths) : lengths_(lengths) {
    if (lengths.kind == Lengths::Kind::empirical) {
      table_.emplace(lengths.values, lengths.weights);
    } else if (lengths.kind == Lengths::Kind::lognormal) {
      lognormal_.emplace(lengths.mean, lengths.cv);
    }
  }

  [[nodiscard]] std::int64_t draw(Random& random) const {
    switch (lengths_.kind) {
      case Lengths::Kind::empirical:
        return clamped(static_cast<double>(table_->draw(random)));
      case Lengths::Kind::uniform:
        return lengths_.least + static_cast<std::int64_t>(random.below(
                                    static_cast<std::uint64_t>(lengths_.most - lengths_.least) + 1));
      case Lengths::Kind::exponential:
        return clamped(random.exponential(lengths_.mean));
      case Lengths::Kind::lognormal:
        return clamped(lognormal_->draw(random));
      case Lengths::Kind::fixed:
        break;
    }
    return clamped(lengths_.mean);
  }

 private:
  [[nodiscard]] std::int64_t clamped(double value) const {
    return std::llround(
        std::clamp(value, static_cast<double>(lengths_.least), static_cast<double>(lengths_.most)));
  }

  Lengths lengths_;
  std::optional<Empirical> table_;
  std::optional<Lognormal> lognormal_;
};

std::optional<Empirical> documents_of(const SharedPrefix& shared) {
  if (shared.documents == 0) {
    return std::nullopt;
  }
  std::vector<std::int64_t> numbers(static_cast<std::size_t>(shared.documents));
  std::iota(numbers.begin(), numbers.end(), 0);
  return Empirical(std::move(numbers), zipf_weights(shared.documents, shared.zipf));
}

/// A session at its next turn. Draws only from a stream of its own, so that sessions do not disturb one
/// another.
struct Session {
  std::int64_t due_ns = 0;
  std::int64_t number = 0;
  Random random;
  std::int64_t document = 0;
  std::int64_t turns_left = 1;
  std::int64_t prompt = 0;
  std::int64_t output = 0;

  bool operator<(const Session& other) const {  // max-heap, so "less" means "later"
    return std::pair(due_ns, number) > std::pair(other.due_ns, other.number);
  }
};

/// The rate of a moment as a multiple of the week's mean, constant over each minute. A day swings along two
/// parabolas, which no machine rounds in its own way as it may a cosine.
class WeeklyLevel {
 public:
  explicit WeeklyLevel(const Arrivals& arrivals)
      : swing_(arrivals.daily_swing),
        weekday_(7 / (5 + 2 * arrivals.weekend)),
        weekend_(weekday_ * arrivals.weekend) {}

  [[nodiscard]] double at(double seconds) {
    const auto minute = static_cast<std::int64_t>(seconds / 60);
    if (minute != minute_) {
      minute_ = minute;
      constexpr std::int64_t kHour = 60;
      constexpr std::int64_t kDay = 24 * kHour;
      constexpr std::int64_t kRising = 9 * kHour;  // through the mean; the peak is six hours later
      const double x = static_cast<double>((minute + kDay - kRising) % kDay) / kDay;
      const double wave = x < 0.5 ? 16 * x * (0.5 - x) : -16 * (x - 0.5) * (1 - x);
      level_ = (minute / kDay % 7 < 5 ? weekday_ : weekend_) * (1 + swing_ * wave);
    }
    return level_;
  }

 private:
  double swing_;
  double weekday_;
  double weekend_;
  std::int64_t minute_ = -1;
  double level_ = 1;
};

class SyntheticSource final : public RequestSource {
 public:
  SyntheticSource(const SyntheticSpec& spec, std::uint64_t seed)
      : spec_(spec),
        seed_(seed),
        arrivals_(Random::stream(seed, "arrivals")),
        level_(spec.arrivals),
        documents_(documents_of(spec.shared_prefix)),
        turns_(spec.sessions.turns),
        input_(spec.input_tokens),
        output_(spec.output_tokens),
        has_ids_(spec.shared_prefix.documents > 0 || spec.sessions.turns.kind != Lengths::Kind::fixed ||
                 spec.sessions.turns.mean > 1) {}

  std::int64_t hash_block_size() const override { return has_ids_ ? spec_.hash_block_size : 0; }

  bool next(Request& request) override {
    if (emitted_ == spec_.requests) {
      return false;
    }
    while (open_.empty() || nanoseconds_of(next_start_s_) <= open_.top().due_ns) {
      start_session();
    }
    Session session = open_.top();
    open_.pop();
    emit(session, request);
    take_next_turn(std::move(session));
    return true;
  }

 private:
  void start_session() {
    Session session{.due_ns = nanoseconds_of(next_start_s_),
                    .number = sessions_,
                    .random = Random::stream(seed_, session_name())};
    ++sessions_;
    next_start_s_ += gap();
    session.document = documents_ ? documents_->draw(session.random) : 0;
    session.turns_left = turns_.draw(session.random);
    const std::int64_t prefix = documents_ ? spec_.shared_prefix.tokens : 0;
    session.prompt = std::min(prefix + input_.draw(session.random), spec_.max_input_tokens);
    session.output = output_.draw(session.random);
    open_.push(std::move(session));
  }

  /// "session 42", in a buffer that is used again.
  std::string_view session_name() {
    constexpr std::size_t kNumber = 8;
    const auto end =
        std::to_chars(session_name_.data() + kNumber, session_name_.data() + session_name_.size(), sessions_);
    return {session_name_.data(), static_cast<std::size_t>(end.ptr - session_name_.data())};
  }

  /// Seconds from one session's start to the next.
  double gap() {
    const double mean = 1 / spec_.arrivals.rate_per_s;
    switch (spec_.arrivals.kind) {
      case Arrivals::Kind::poisson:
        return arrivals_.exponential(mean);
      case Arrivals::Kind::gamma: {
        const double variance = spec_.arrivals.cv * spec_.arrivals.cv;  // of gaps with mean 1
        return arrivals_.gamma(1 / variance, variance * mean);
      }
      case Arrivals::Kind::weekly: {
        const double variance = spec_.arrivals.cv * spec_.arrivals.cv;
        const double unit =
            variance == 1 ? arrivals_.exponential(1) : arrivals_.gamma(1 / variance, variance);
        return unit * mean / level_.at(next_start_s_);
      }
      case Arrivals::Kind::constant:
        break;
    }
    return mean;
  }

  void emit(const Session& session, Request& request) {
    request.arrival_ns = session.due_ns;
    request.input_tokens = session.prompt;
    request.output_tokens = session.output;
    request.tenant.clear();
    request.model.clear();
    request.hash_ids.clear();
    if (has_ids_) {
      write_ids(session, request.hash_ids);
    }
    ++emitted_;
  }

  /// Whole blocks: 2 * (owner * stride + block), where the owner is the document while the block lies inside
  /// it, and the session after that. The partial block: 2 * serial + 1. No two blocks of different content
  /// share an id.
  void write_ids(const Session& session, std::vector<std::uint64_t>& ids) const {
    const std::int64_t size = spec_.hash_block_size;
    const std::int64_t stride = spec_.max_input_tokens / size + 1;
    const std::int64_t shared = documents_ ? spec_.shared_prefix.tokens / size : 0;
    const std::int64_t owner = spec_.shared_prefix.documents + session.number;
    for (std::int64_t block = 0; block < session.prompt / size; ++block) {
      const std::int64_t from = block < shared ? session.document : owner;
      ids.push_back(2 * static_cast<std::uint64_t>(from * stride + block));
    }
    if (session.prompt % size != 0) {
      ids.push_back(2 * static_cast<std::uint64_t>(emitted_) + 1);
    }
  }

  /// Puts the session back with the turn after the one just emitted, unless it is over.
  void take_next_turn(Session session) {
    --session.turns_left;
    if (session.turns_left == 0) {
      return;
    }
    const double answer_s = static_cast<double>(session.output) / spec_.sessions.assumed_tokens_per_s;
    session.due_ns += nanoseconds_of(answer_s + session.random.exponential(spec_.sessions.think_time_s));
    session.prompt += session.output + input_.draw(session.random);
    session.output = output_.draw(session.random);
    constexpr std::int64_t kHorizonNs = 4'000'000'000'000'000'000;  // a turn later than that never comes
    if (session.prompt <= spec_.max_input_tokens && session.due_ns < kHorizonNs) {
      open_.push(std::move(session));
    }
  }

  SyntheticSpec spec_;
  std::uint64_t seed_;
  Random arrivals_;
  WeeklyLevel level_;
  std::optional<Empirical> documents_;
  LengthSampler turns_;
  LengthSampler input_;
  LengthSampler output_;
  bool has_ids_;
  std::priority_queue<Session> open_;
  std::array<char, 32> session_name_{'s', 'e', 's', 's', 'i', 'o', 'n', ' '};
  double next_start_s_ = 0;
  std::int64_t sessions_ = 0;
  std::int64_t emitted_ = 0;
};

}  // namespace

std::unique_ptr<RequestSource> make_synthetic(const SyntheticSpec& spec, std::uint64_t seed) {
  return std::make_unique<SyntheticSource>(spec, seed);
}

}  // namespace mtok::workload
