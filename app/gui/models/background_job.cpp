// Starts work on a pool and brings its end back.
#include "app/gui/models/background_job.hpp"

#include <QCoreApplication>
#include <QDateTime>
#include <QThread>
#include <QThreadPool>
#include <algorithm>
#include <exception>

namespace mtok::gui {
namespace {

template <class Call>
void on_window_thread(Call call) {
  QMetaObject::invokeMethod(QCoreApplication::instance(), std::move(call), Qt::QueuedConnection);
}

}  // namespace

BackgroundJob::BackgroundJob(QObject* parent) : QObject(parent) {
  // Work that was told to stop may take a while to notice; it must not keep newer work waiting.
  constexpr int kThreads = 8;
  QThreadPool::globalInstance()->setMaxThreadCount(std::max(kThreads, QThread::idealThreadCount()));
}

BackgroundJob::~BackgroundJob() {
  if (ticket_) {
    ticket_->stop = true;
    ticket_->owner = nullptr;
  }
}

void BackgroundJob::start(Work work) {
  const bool was_running = running();
  if (ticket_) {
    ticket_->stop = true;
    ticket_->owner = nullptr;
  }
  const auto ticket = std::make_shared<Ticket>();
  ticket->owner = this;
  ticket_ = ticket;
  QThreadPool::globalInstance()->start([ticket, work = std::move(work)] {
    const Progress progress = [ticket](qint64 done, qint64 expected) {
      const qint64 now = QDateTime::currentMSecsSinceEpoch();
      qint64 last = ticket->reported_at_ms;
      if (now - last >= 50 && ticket->reported_at_ms.compare_exchange_strong(last, now)) {
        on_window_thread([ticket, done, expected] {
          if (ticket->owner != nullptr) {
            emit ticket->owner->progressed(done, expected);
          }
        });
      }
      return !ticket->stop;
    };
    Finish finish;
    QString error;
    try {
      finish = work(progress);
    } catch (const std::exception& thrown) {
      error = QString::fromUtf8(thrown.what());
    }
    on_window_thread([ticket, finish, error] {
      if (ticket->owner != nullptr) {
        ticket->owner->end(finish, error);
      }
    });
  });
  if (!was_running) {
    emit runningChanged(true);
  }
}

void BackgroundJob::cancel() {
  if (ticket_) {
    ticket_->stop = true;
    ticket_->owner = nullptr;
    ticket_.reset();
    emit runningChanged(false);
  }
}

void BackgroundJob::finishEarly() {
  if (ticket_) {
    ticket_->stop = true;
  }
}

void BackgroundJob::end(const Finish& finish, const QString& error) {
  ticket_->owner = nullptr;
  ticket_.reset();
  if (!error.isEmpty()) {
    emit failed(error);
  } else if (finish) {
    finish();
  }
  if (!running()) {
    emit runningChanged(false);
  }
}

}  // namespace mtok::gui
