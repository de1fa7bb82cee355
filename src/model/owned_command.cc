// Every view of the copy is pointed at a copy of what it looked at. A new kind of body does not
// compile before it is listed here.
#include "model/owned_command.h"

#include <cstring>
#include <new>

namespace holdfast {
namespace {

class Keeper {
 public:
  explicit Keeper(std::pmr::memory_resource& memory) : memory_(memory) {}

  void keep(CommandContext& context) {
    all(context.actor, context.request_id, context.reference, context.reason, context.customer,
        context.channel);
  }
  void keep(Expectation& expected) { keep_array(expected.conditions); }
  void operator()(DefineItem& body) {
    keep(body.sku);
    all(body.title, body.description, body.brand, body.category, body.unit, body.currency,
        body.attributes);
    if (body.barcodes) keep_array(*body.barcodes);
  }
  void operator()(DefineLocation& body) {
    keep(body.code);
    all(body.title, body.region, body.time_zone);
  }
  void operator()(DefineChannel& body) {
    keep(body.code);
    keep(body.title);
    if (body.locations) keep_array(*body.locations);
  }
  void operator()(Receive& body) { all(body.sku, body.location, body.lot); }
  void operator()(Adjust& body) { all(body.sku, body.location, body.lot); }
  void operator()(Sale& body) { all(body.sku, body.location, body.lot); }
  void operator()(SetLevel& body) { all(body.sku, body.location, body.lot); }
  void operator()(ClaimUnits& body) { keep_array(body.lines); }
  void operator()(Extend&) {}
  void operator()(Confirm& body) { keep_array(body.lines); }
  void operator()(Amend& body) { keep_array(body.lines); }
  void operator()(Release&) {}
  void operator()(Cancel& body) { keep_array(body.lines); }
  void operator()(Fulfil& body) { keep_array(body.lines); }

 private:
  template <class... Texts>
  void all(Texts&... texts) {
    (keep(texts), ...);
  }
  void keep(std::string_view& text) {
    if (text.empty()) return;
    auto* copy = static_cast<char*>(memory_.allocate(text.size(), 1));
    std::memcpy(copy, text.data(), text.size());
    text = {copy, text.size()};
  }
  void keep(std::optional<std::string_view>& text) {
    if (text) keep(*text);
  }
  void keep(LineRequest& line) { all(line.sku, line.location, line.lot); }
  void keep(LineSelection& line) { all(line.sku, line.location); }
  void keep(Condition&) {}

  template <class T>
  void keep_array(std::span<const T>& array) {
    if (array.empty()) return;
    auto* copy = static_cast<T*>(memory_.allocate(array.size() * sizeof(T), alignof(T)));
    for (std::size_t index = 0; index < array.size(); ++index) {
      keep(*new (copy + index) T(array[index]));
    }
    array = {copy, array.size()};
  }

  std::pmr::memory_resource& memory_;
};

}  // namespace

OwnedCommand::OwnedCommand(const Command& command) : command_(command) {
  Keeper keeper(memory_);
  keeper.keep(command_.context);
  keeper.keep(command_.expected);
  std::visit(keeper, command_.body);
}

}  // namespace holdfast
