// The engine's own door: commands as they are, reads with their exact place.
#include <algorithm>
#include <list>
#include <utility>

#include "sim/door.h"

namespace holdfast {
namespace {

RequestClass class_of(Verb verb) {
  switch (verb) {
    case Verb::claim:
    case Verb::amend:
    case Verb::extend:
    case Verb::set_stock:
    case Verb::malformed:
      return RequestClass::taking;
    case Verb::read_stock:
    case Verb::read_claims:
    case Verb::read_availability:
      return RequestClass::reading;
    case Verb::define_item:
    case Verb::define_location:
    case Verb::define_channel:
      return RequestClass::defining;
    default:
      return RequestClass::freeing;
  }
}

class DirectRequest final : public Request {
 public:
  DirectRequest(Operation operation, std::size_t attempt, ReplyTaker& taker,
                const std::vector<std::string>& locations)
      : operation_(std::move(operation)), attempt_(attempt), taker_(taker), locations_(locations) {
    kind = is_read(operation_.verb) ? Kind::read : Kind::command;
    request_class = class_of(operation_.verb);
    if (kind == Kind::command) command = command_of(operation_, parts_);
  }

  Result<Seq> read(const Stock& stock, Timestamp /*now*/) override {
    gate_seen_ = Seq();
    if (operation_.verb == Verb::read_claims) {
      read_claim(stock);
    } else if (operation_.verb == Verb::read_availability) {
      read_availability(stock);
    } else {
      read_levels(stock);
    }
    reply_.seq = gate_seen_;
    return gate_seen_;
  }
  void released(Seq /*durable*/) override {
    if (kind == Kind::command) take_answer();
    is_done = true;
    taker_.replied(attempt_, std::move(reply_), true);
  }
  void failed(const Error& error) override {
    reply_ = Reply{.error = error.code, .message = error.message};
    is_done = true;
    taker_.replied(attempt_, std::move(reply_), true);
  }

  bool is_done = false;

 private:
  void saw(Seq version) { gate_seen_ = std::max(gate_seen_, version); }

  void read_levels(const Stock& stock) {
    const ItemId item = stock.find_item(operation_.sku);
    for (const std::string& code : locations_) {
      SeenLevel seen{.sku = operation_.sku, .location = code};
      const LocationId location = stock.find_location(code);
      const LevelRef level = stock.find_level({item, location, {}});
      if (level.exists()) {
        seen.quantities = stock.level(level).quantities;
        seen.version = stock.version(level);
        saw(seen.version);
      }
      reply_.levels.push_back(std::move(seen));
    }
  }
  void read_claim(const Stock& stock) {
    SeenClaim seen{.claim = operation_.claim};
    const ClaimRef claim = stock.find_claim(operation_.claim);
    if (claim.exists()) saw(stock.head(claim).version);
    if (claim.exists() && !stock.head(claim).provisional) {
      const ClaimHead head = stock.head(claim);
      seen.exists = true;
      seen.sum = stock.sum(claim);
      seen.state = state_of(seen.sum);
      seen.expires_at = head.expires_at;
      seen.version = head.version;
    }
    reply_.claims.push_back(std::move(seen));
  }
  void read_availability(const Stock& stock) {
    const ItemId item = stock.find_item(operation_.sku);
    const ChannelId channel = stock.find_channel(default_channel);
    SeenAvailability seen{.sku = operation_.sku, .channel = std::string(default_channel)};
    saw(stock.version(channel));
    for (const LocationId location : stock.selling_order(channel)) {
      const LevelRef level = stock.find_level({item, location, {}});
      saw(stock.version(level));
      seen.available += stock.quantity(level, Term::available);
    }
    reply_.salable.push_back(std::move(seen));
  }
  void take_answer() {
    reply_.outcome = answer.outcome;
    reply_.replayed = answer.replayed;
    reply_.seq = answer.seq;
    reply_.claim = answer.claim;
    if (!answer.claim.is_none() && !is_refusal(answer.outcome)) reply_.state = answer.state;
    if (answer.expires_at.is_set()) reply_.expires_at = answer.expires_at;
    if (is_refusal(answer.outcome)) reply_.requested = answer.requested;
    reply_.available = answer.available;
  }

  const Operation operation_;
  CommandParts parts_;
  const std::size_t attempt_;
  ReplyTaker& taker_;
  const std::vector<std::string>& locations_;
  Reply reply_;
  Seq gate_seen_;
};

class EngineDoor final : public Door {
 public:
  EngineDoor(Engine& engine, ReplyTaker& taker, std::vector<std::string> locations)
      : engine_(engine), taker_(taker), locations_(std::move(locations)) {}

  void send(const Operation& operation, std::size_t attempt) override {
    requests_.push_back(std::make_unique<DirectRequest>(operation, attempt, taker_, locations_));
    DirectRequest& request = *requests_.back();
    // Shape is checked in front of the queue, as every protocol does.
    if (request.kind == Request::Kind::command) {
      if (const Status status = check_command(request.command); !status.has_value()) {
        request.failed(status.error());
        return;
      }
    }
    engine_.submit(request);
  }
  void say(std::string_view sql, std::size_t /*attempt*/) override {
    CHECK(false, "the engine does not speak SQL: {}", sql);
  }
  void reap() override {
    std::erase_if(requests_, [](const auto& request) { return request->is_done; });
  }
  [[nodiscard]] std::size_t under_way() const override {
    return static_cast<std::size_t>(
        std::ranges::count_if(requests_, [](const auto& request) { return !request->is_done; }));
  }

 private:
  Engine& engine_;
  ReplyTaker& taker_;
  const std::vector<std::string> locations_;
  std::list<std::unique_ptr<DirectRequest>> requests_;
};

}  // namespace

std::unique_ptr<Door> engine_door(Engine& engine, ReplyTaker& taker,
                                  std::vector<std::string> locations) {
  return std::make_unique<EngineDoor>(engine, taker, std::move(locations));
}

}  // namespace holdfast
