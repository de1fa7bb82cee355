// B5: the engine alone, one core. Claims of one unit go round and round: submit, drive, released,
// submit again.
//
//   engine_bench --journal null|file --skus 1|1000000 --seconds 5 --lines 1 --buyers 4096
//
// null: a journal that is durable at once, so what is left is decide, fold, encode and the state.
// file: the real one in a temporary directory under --dir; every counted claim is durable.
//
// buyers: how many claims are with the engine at a time. 4 096 are more than a batch and more than
// the second cache; with tens of thousands the bench's own memory is much of what is measured.
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "engine/engine.h"
#include "world/linux/linux_world.h"

namespace holdfast {
namespace {

class NullJournal final : public Journal {
 public:
  Status start(Epoch) override { return {}; }
  bool has_room() const override { return true; }
  void append(const BatchInfo& info, ByteSpan payload, Writer /*writer*/) override {
    durable_ = info.last;
    bytes_ += payload.size();
  }
  Status poll() override { return {}; }
  Status wait() override { return {}; }
  Seq durable() const override { return durable_; }
  std::size_t in_flight() const override { return 0; }
  JournalPosition position() const override { return {.seq = durable_}; }
  std::uint64_t bytes_written() const override { return bytes_; }
  bool has_space() const override { return true; }

 private:
  Seq durable_;
  std::uint64_t bytes_ = 0;
};

class Buyer final : public Request {
 public:
  Result<Seq> read(const Stock&, Timestamp) override { return Seq(); }
  void released(Seq) override {
    CHECK(!is_refusal(answer.outcome), "{}", name_of(answer.outcome));
    is_free = true;
  }
  void failed(const Error& error) override { CHECK(false, "{}", error.message); }

  void buy(std::span<const std::string> skus, std::uint64_t& random, std::size_t line_count) {
    lines.resize(line_count);
    for (auto& line : lines) {
      random = mix64(random, 1);
      line = {.sku = skus[random % skus.size()], .quantity = Quantity(1)};
    }
    command = {.context = {.actor = "bench"}, .body = ClaimUnits{.lines = lines}};
    is_free = false;
  }

  std::vector<LineRequest> lines;
  bool is_free = true;
};

// Runs one command to its end.
void run(Engine& engine, Buyer& request, CommandBody body) {
  request.command = {.context = {.actor = "bench", .reason = "received"}, .body = std::move(body)};
  request.is_free = false;
  engine.submit(request);
  while (!request.is_free) engine.drive();
}

struct Arguments {
  std::string journal = "null";
  std::string dir = "/tmp";
  std::size_t skus = 1;
  std::size_t lines = 1;
  std::int64_t seconds = 5;
  std::size_t buyers = 4'096;
};

Arguments parse(int argc, char** argv) {
  Arguments arguments;
  for (int index = 1; index + 1 < argc; index += 2) {
    const std::string_view name = argv[index];
    const std::string value = argv[index + 1];
    if (name == "--journal") arguments.journal = value;
    if (name == "--dir") arguments.dir = value;
    if (name == "--skus") arguments.skus = std::stoul(value);
    if (name == "--lines") arguments.lines = std::stoul(value);
    if (name == "--seconds") arguments.seconds = std::stol(value);
    if (name == "--buyers") arguments.buyers = std::stoul(value);
  }
  return arguments;
}

void measure(World& world, Engine& engine, const Arguments& arguments) {
  std::vector<std::string> skus;
  Buyer setup;
  for (std::size_t index = 0; index < arguments.skus; ++index) {
    skus.push_back(fmt::format("SKU-{:012}", index));
    run(engine, setup, DefineItem{.sku = skus.back()});
    run(engine, setup, Receive{.sku = skus.back(), .quantity = Quantity(1'000'000'000)});
  }
  std::vector<Buyer> buyers(arguments.buyers);
  std::uint64_t random = 1;
  std::uint64_t claims = 0;
  const std::uint64_t bytes_before = engine.stats().journal_bytes;
  const Duration began = world.clock.boot();
  Duration took;
  while ((took = world.clock.boot() - began) < Duration::seconds(arguments.seconds)) {
    for (Buyer& buyer : buyers) {
      if (!buyer.is_free) continue;
      buyer.buy(skus, random, arguments.lines);
      engine.submit(buyer);
      ++claims;
    }
    engine.drive();
  }
  while (std::any_of(buyers.begin(), buyers.end(), [](const Buyer& b) { return !b.is_free; }))
    engine.drive();
  took = world.clock.boot() - began;
  const double rate = static_cast<double>(claims) * 1e6 / static_cast<double>(took.us());
  const double bytes = static_cast<double>(engine.stats().journal_bytes - bytes_before) /
                       static_cast<double>(claims);
  fmt::print(
      "journal={} skus={} lines={} claims={} seconds={:.2f} claims_per_s={:.0f} "
      "journal_bytes_per_claim={:.1f}\n",
      arguments.journal, arguments.skus, arguments.lines, claims,
      static_cast<double>(took.us()) / 1e6, rate, bytes);
}

}  // namespace
}  // namespace holdfast

int main(int argc, char** argv) {
  using namespace holdfast;
  const Arguments arguments = parse(argc, argv);
  std::string dir = arguments.dir + "/holdfast-engine-bench-XXXXXX";
  CHECK(mkdtemp(dir.data()) != nullptr);
  {
    auto linux_world = LinuxWorld::open(dir, {});
    CHECK(linux_world.has_value(), "{}", linux_world.error().message);
    World& world = (*linux_world)->world();
    EngineOptions options;
    options.queue_max = arguments.buyers * 2;
    options.queue_reserved = 0;
    options.checkpoint_every_bytes = ~std::uint64_t{0};
    auto engine = arguments.journal == "null"
                      ? Engine::open_on(world, options, std::make_unique<NullJournal>())
                      : Engine::open(world, options, [](std::uint64_t, std::uint64_t) {});
    CHECK(engine.has_value(), "{}", engine.error().message);
    measure(world, **engine, arguments);
  }
  std::filesystem::remove_all(dir);
  return 0;
}
