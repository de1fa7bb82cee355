// The loop on Asio. One io_context::run() per thread; the first thing that becomes ready posts
// end_of_batch(), which Asio queues behind everything else that is ready and behind one more look
// at the kernel.
#include "net/loop.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <boost/asio/post.hpp>
#include <utility>

#include "base/check.h"
#include "net/parts.h"
#include "net/tcp_connection.h"

namespace holdfast {
namespace {

constexpr std::size_t pooled_buffers_max = 64;
constexpr std::size_t pooled_buffer_bytes_max = 256 * 1024;
// What is fed before the heartbeat runs in the midst of a batch. Some pipelines of short requests:
// with less, single requests are no longer decided and written together; with more, every client
// waits for the whole batch while the server works, and the server for all of them afterwards.
constexpr std::size_t portion_bytes = 4096;
constexpr auto tick_every = std::chrono::milliseconds(250);

class Job final : public Task {
 public:
  explicit Job(std::function<void()> work) : work_(std::move(work)) {}
  void run_task() override {
    const std::unique_ptr<Job> self(this);
    work_();
  }

 private:
  std::function<void()> work_;
};

void clear_eventfd(int descriptor) {
  std::uint64_t count = 0;
  [[maybe_unused]] const auto got = ::read(descriptor, &count, sizeof count);
}

}  // namespace

void Loop::Parts::open_batch(Loop& loop) {
  if (batch_open) return;
  batch_open = true;
  asio::post(context, [&loop] { loop.end_of_batch(); });
}

void Loop::Parts::beat_and_flush() {
  bytes_fed = 0;
  if (beat) beat();
  // By index: a flush or a farewell may append.
  for (std::size_t index = 0; index < dirty.size(); ++index) dirty[index]->flush();
  dirty.clear();
}

void Loop::Parts::beat_if_much() {
  if (bytes_fed >= portion_bytes) beat_and_flush();
}

void Loop::Parts::arm_tick() {
  if (tick_armed || timed.empty() || stopping) return;
  tick_armed = true;
  tick.expires_after(tick_every);
  tick.async_wait([this](const error_code& error) {
    tick_armed = false;
    if (error) return;
    const auto now = std::chrono::steady_clock::now();
    scratch.assign(timed.begin(), timed.end());
    for (TcpConnection* connection : scratch) connection->tick(now);
    arm_tick();
  });
}

ByteWriter Loop::Parts::take_buffer() {
  if (buffers.empty()) return {};
  ByteWriter buffer = std::move(buffers.back());
  buffers.pop_back();
  return buffer;
}

void Loop::Parts::give_buffer(ByteWriter&& buffer) {
  if (buffers.size() >= pooled_buffers_max || buffer.size() > pooled_buffer_bytes_max) return;
  buffer.clear();
  buffers.push_back(std::move(buffer));
}

Loop::Loop() : parts_(std::make_unique<Parts>()) {
  const int descriptor = ::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  CHECK(descriptor >= 0, "eventfd: errno {}", errno);
  parts_->wake_descriptor = descriptor;
  parts_->wake.assign(descriptor);
}

Loop::~Loop() {
  CHECK(!parts_->thread.joinable(), "a loop must be stopped before it goes");
  drain_inbox();  // of a loop that never ran
}

void Loop::set_heartbeat(std::function<void()> beat, std::function<Duration()> wake_after) {
  parts_->beat = std::move(beat);
  parts_->wake_after = std::move(wake_after);
}

void Loop::watch(int descriptor) {
  // A duplicate: Asio closes what it watches, and this one belongs to somebody else.
  const int own = ::dup(descriptor);
  CHECK(own >= 0, "dup: errno {}", errno);
  parts_->watched.assign(own);
}

void Loop::start() {
  CHECK(!parts_->thread.joinable());
  parts_->work.emplace(parts_->context.get_executor());
  parts_->thread = std::thread([this] { run(); });
}

void Loop::stop() {
  if (!parts_->thread.joinable()) return;
  CHECK(!is_current());
  post([this] {
    parts_->stopping = true;
    parts_->scratch.assign(parts_->connections.begin(), parts_->connections.end());
    for (TcpConnection* connection : parts_->scratch) connection->close();
  });
  parts_->thread.join();
}

void Loop::run() {
  parts_->thread_id = std::this_thread::get_id();
  arm_wake();
  arm_watch();
  parts_->ready.wait([this] { parts_->open_batch(*this); }, [this] { parts_->beat_if_much(); });
  parts_->open_batch(*this);  // work posted before start
  parts_->context.run();
  CHECK(parts_->connections.empty());
}

bool Loop::is_current() const {
  return parts_->thread_id.load(std::memory_order_relaxed) == std::this_thread::get_id();
}

void Loop::post(Task& task) {
  Task* head = inbox_.load(std::memory_order_relaxed);
  do {
    task.next_task_ = head;
  } while (!inbox_.compare_exchange_weak(head, &task, std::memory_order_acq_rel,
                                         std::memory_order_relaxed));
  if (head != nullptr) return;  // whoever made it non-empty has woken the loop
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto put = ::write(parts_->wake_descriptor, &one, sizeof one);
}

void Loop::post(std::function<void()> job) {
  post(*std::make_unique<Job>(std::move(job)).release());
}

void Loop::drain_inbox() {
  Task* newest = inbox_.exchange(nullptr, std::memory_order_acquire);
  Task* oldest = nullptr;
  while (newest != nullptr)
    oldest = std::exchange(newest, std::exchange(newest->next_task_, oldest));
  while (oldest != nullptr) {
    Task* task = std::exchange(oldest, oldest->next_task_);
    task->run_task();
  }
}

void Loop::arm_wake() {
  parts_->wake.async_wait(asio::posix::stream_descriptor::wait_read,
                          [this](const error_code& error) {
                            if (error) return;
                            clear_eventfd(parts_->wake_descriptor);
                            parts_->open_batch(*this);
                            arm_wake();
                          });
}

void Loop::arm_watch() {
  if (!parts_->watched.is_open()) return;
  parts_->watched.async_wait(asio::posix::stream_descriptor::wait_read,
                             [this](const error_code& error) {
                               if (error) return;
                               clear_eventfd(parts_->watched.native_handle());
                               parts_->open_batch(*this);
                               arm_watch();
                             });
}

// Sets the timer only when it must fire earlier than it is armed to: a timer that fires early costs
// one empty batch, moving it costs a system call per batch.
void Loop::arm_timer() {
  if (!parts_->wake_after || parts_->stopping) return;
  const auto now = std::chrono::steady_clock::now();
  const auto sleep = std::min(parts_->wake_after(), Duration::hours(1));
  const SteadyTime at = now + std::chrono::microseconds(std::max<std::int64_t>(sleep.us(), 0));
  if (parts_->timer_at <= at) return;
  parts_->timer_at = at;
  parts_->timer.expires_at(at);
  parts_->timer.async_wait([this](const error_code& error) {
    if (error) return;
    parts_->timer_at = SteadyTime::max();
    parts_->open_batch(*this);
  });
}

void Loop::end_of_batch() {
  parts_->batch_open = false;
  drain_inbox();
  parts_->beat_and_flush();
  if (!parts_->resumed.empty()) {
    parts_->scratch.swap(parts_->resumed);
    parts_->resumed.clear();
    for (TcpConnection* connection : parts_->scratch) connection->feed_again();
    parts_->open_batch(*this);
  }
  for (std::size_t index = 0; index < parts_->closing.size(); ++index) {
    parts_->closing[index]->finish_closing();
  }
  parts_->closing.clear();
  if (parts_->stopping && parts_->connections.empty() &&
      inbox_.load(std::memory_order_acquire) == nullptr) {
    parts_->work.reset();
    parts_->context.stop();
    return;
  }
  arm_timer();
}

unsigned loops_for(unsigned cores) { return cores <= 2 ? 1 : std::min(cores / 2, 8u); }

}  // namespace holdfast
