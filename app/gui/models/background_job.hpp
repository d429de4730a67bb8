// One piece of work off the window's thread: progress, cancelling, and an end on the window's thread.
#pragma once

#include <QObject>
#include <QString>
#include <atomic>
#include <functional>
#include <memory>

namespace mtok::gui {

/// Runs the newest piece of work it was given; older ones are told to stop and their results are dropped.
/// Work may outlive the job: it must own what it uses, and only its Finish may speak of the job or its owner.
class BackgroundJob final : public QObject {
  Q_OBJECT
 public:
  /// As planner::Progress: false stops. To be called by the work, from its thread.
  using Progress = std::function<bool(qint64 done, qint64 expected)>;
  /// What is left to do on the window's thread when the work is done.
  using Finish = std::function<void()>;
  using Work = std::function<Finish(const Progress&)>;

  explicit BackgroundJob(QObject* parent = nullptr);
  /// Tells the work to stop, and does not wait for it.
  ~BackgroundJob() override;

  void start(Work work);
  /// Stops the work; what it has so far is dropped.
  void cancel();
  /// Stops the work but keeps its result: what was found until now.
  void finishEarly();
  [[nodiscard]] bool running() const { return ticket_ != nullptr; }

 signals:
  void progressed(qint64 done, qint64 expected);
  void runningChanged(bool running);
  /// The work threw: what() of an error of ours, or of the user's file.
  void failed(const QString& message);

 private:
  struct Ticket {
    std::atomic<bool> stop = false;
    BackgroundJob* owner = nullptr;  ///< null when it is gone; for the window's thread only
    std::atomic<qint64> reported_at_ms = 0;
  };
  void end(const Finish& finish, const QString& error);

  std::shared_ptr<Ticket> ticket_;  ///< of the newest work; null when it has ended
};

}  // namespace mtok::gui
