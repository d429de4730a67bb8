// Starts work on a pool and brings its end back.
#include "app/gui/models/background_job.hpp"

#include <QDateTime>
#include <exception>

namespace mtok::gui {

BackgroundJob::BackgroundJob(QObject* parent) : QObject(parent) {
  pool_.setMaxThreadCount(2);  // the older work winds down beside the newer
}

BackgroundJob::~BackgroundJob() {
  cancel();
  pool_.waitForDone();
}

void BackgroundJob::start(Work work) {
  const bool was_running = running();
  if (ticket_) {
    ticket_->stop = true;
  }
  const auto ticket = std::make_shared<Ticket>();
  ticket_ = ticket;
  pool_.start([this, ticket, work = std::move(work)] {
    const Progress progress = [this, ticket](qint64 done, qint64 expected) {
      const qint64 now = QDateTime::currentMSecsSinceEpoch();
      qint64 last = ticket->reported_at_ms;
      if (now - last >= 50 && ticket->reported_at_ms.compare_exchange_strong(last, now)) {
        QMetaObject::invokeMethod(
            this,
            [this, ticket, done, expected] {
              if (ticket == ticket_) {
                emit progressed(done, expected);
              }
            },
            Qt::QueuedConnection);
      }
      return !ticket->stop;
    };
    Finish finish;
    try {
      finish = work(progress);
    } catch (const std::exception& error) {
      finish = [this, message = QString::fromUtf8(error.what())] { emit failed(message); };
    }
    QMetaObject::invokeMethod(
        this, [this, ticket, finish] { end(ticket, finish); }, Qt::QueuedConnection);
  });
  if (!was_running) {
    emit runningChanged(true);
  }
}

void BackgroundJob::cancel() {
  if (ticket_) {
    ticket_->stop = true;
    ticket_.reset();
    emit runningChanged(false);
  }
}

void BackgroundJob::finishEarly() {
  if (ticket_) {
    ticket_->stop = true;
  }
}

void BackgroundJob::end(const std::shared_ptr<Ticket>& ticket, const Finish& finish) {
  if (ticket != ticket_) {
    return;  // a newer one runs, or it was cancelled
  }
  ticket_.reset();
  if (finish) {
    finish();
  }
  if (!running()) {
    emit runningChanged(false);
  }
}

}  // namespace mtok::gui
