// Reads a workload on a thread of its own: two batches that the two threads hand to each other.
#include "sim/workload/read_ahead.hpp"

#include <condition_variable>
#include <cstddef>
#include <exception>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace mtok::workload {
namespace {

constexpr std::size_t kBatch = 2048;  // 300 kB of requests: within the cache of a core

class ReadAhead final : public RequestSource {
 public:
  explicit ReadAhead(std::unique_ptr<RequestSource> source)
      : source_(std::move(source)), hash_block_size_(source_->hash_block_size()) {
    reader_ = std::thread([this] { read(); });
  }
  ReadAhead(const ReadAhead&) = delete;
  ReadAhead& operator=(const ReadAhead&) = delete;
  ~ReadAhead() override {
    {
      const std::lock_guard lock(mutex_);
      stopped_ = true;
    }
    changed_.notify_all();
    reader_.join();
  }

  bool next(Request& request) override {
    if (next_ == mine_.size && !fetch()) {
      return false;
    }
    std::swap(request, mine_.requests[next_++]);
    return true;
  }
  Skipped skipped() const override { return mine_.skipped; }
  std::int64_t hash_block_size() const override { return hash_block_size_; }

 private:
  struct Batch {
    std::vector<Request> requests = std::vector<Request>(kBatch);
    std::size_t size = 0;
    Skipped skipped{};
    bool last = false;
    std::exception_ptr error{};  ///< comes behind the requests; then the batch is the last
  };

  /// The next batch that is not empty; false at the end.
  bool fetch() {
    if (mine_.last) {
      if (mine_.error) {
        std::rethrow_exception(mine_.error);
      }
      return false;
    }
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return full_; });
    std::swap(mine_, shared_);
    full_ = false;
    lock.unlock();
    changed_.notify_all();
    next_ = 0;
    return mine_.size > 0 || fetch();
  }

  void read() {
    for (Batch batch; !batch.last;) {
      fill(batch);
      const bool last = batch.last;
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return !full_ || stopped_; });
      if (stopped_) {
        return;
      }
      std::swap(batch, shared_);
      full_ = true;
      lock.unlock();
      changed_.notify_all();
      batch.last = last;
    }
  }

  void fill(Batch& batch) {
    batch.size = 0;
    try {
      while (batch.size < kBatch && source_->next(batch.requests[batch.size])) {
        ++batch.size;
      }
      batch.last = batch.size < kBatch;
    } catch (...) {
      batch.error = std::current_exception();
      batch.last = true;
    }
    batch.skipped = source_->skipped();
  }

  std::unique_ptr<RequestSource> source_;
  std::int64_t hash_block_size_;
  Batch mine_{};  ///< of the thread that asks
  std::size_t next_ = 0;
  std::mutex mutex_;
  std::condition_variable changed_;
  Batch shared_{};  ///< guarded by the mutex, as are the two below
  bool full_ = false;
  bool stopped_ = false;
  std::thread reader_;
};

}  // namespace

std::unique_ptr<RequestSource> read_ahead(std::unique_ptr<RequestSource> source) {
  return std::make_unique<ReadAhead>(std::move(source));
}

}  // namespace mtok::workload
