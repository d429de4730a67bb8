// A workload read ahead on another thread is the workload.
#include "sim/workload/read_ahead.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <stdexcept>

#include "sim/workload/synthetic.hpp"

namespace mtok::workload {
namespace {

SyntheticSpec spec(std::int64_t requests) {
  SyntheticSpec spec{.requests = requests};
  spec.arrivals.rate_per_s = 3;
  spec.input_tokens.mean = 200;
  spec.output_tokens.mean = 20;
  spec.shared_prefix = {.documents = 7, .tokens = 64, .zipf = 1};
  spec.hash_block_size = 16;
  return spec;
}

/// Fails behind so many requests.
class Failing final : public RequestSource {
 public:
  explicit Failing(std::int64_t good) : good_(good) {}
  bool next(Request& request) override {
    if (given_ == good_) {
      throw std::runtime_error("a bad row");
    }
    request.arrival_ns = given_++;
    return true;
  }
  Skipped skipped() const override { return {.failed = given_}; }

 private:
  std::int64_t good_;
  std::int64_t given_ = 0;
};

TEST(ReadAhead, GivesTheSameRequestsInTheSameOrder) {
  for (const std::int64_t count : {0, 1, 2047, 2048, 2049, 10'000}) {
    const auto plain = make_synthetic(spec(count), 5);
    const auto ahead = read_ahead(make_synthetic(spec(count), 5));
    EXPECT_EQ(ahead->hash_block_size(), 16);
    Request expected;
    Request got;
    std::int64_t seen = 0;
    while (plain->next(expected)) {
      ASSERT_TRUE(ahead->next(got)) << count;
      ASSERT_EQ(got.arrival_ns, expected.arrival_ns);
      ASSERT_EQ(got.input_tokens, expected.input_tokens);
      ASSERT_EQ(got.output_tokens, expected.output_tokens);
      ASSERT_EQ(got.hash_ids, expected.hash_ids);
      ++seen;
    }
    EXPECT_EQ(seen, count);
    EXPECT_FALSE(ahead->next(got));
    EXPECT_FALSE(ahead->next(got));
  }
}

TEST(ReadAhead, ThrowsAnErrorInItsPlace) {
  for (const std::int64_t good : {0, 1, 2048, 5000}) {
    const auto ahead = read_ahead(std::make_unique<Failing>(good));
    Request request;
    for (std::int64_t i = 0; i < good; ++i) {
      ASSERT_TRUE(ahead->next(request));
      ASSERT_EQ(request.arrival_ns, i);
    }
    EXPECT_THROW(static_cast<void>(ahead->next(request)), std::runtime_error);
    EXPECT_EQ(ahead->skipped().failed, good);
  }
}

TEST(ReadAhead, CanBeLeftBeforeTheEnd) {
  const auto ahead = read_ahead(make_synthetic(spec(1'000'000), 5));
  Request request;
  EXPECT_TRUE(ahead->next(request));
}

}  // namespace
}  // namespace mtok::workload
