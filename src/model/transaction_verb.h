// TransactionVerb: what a client says of its transaction.
#pragma once

#include <cstdint>

namespace holdfast {

enum class TransactionVerb : std::uint8_t {
  begin,
  commit,
  rollback,
  savepoint,
  rollback_to,
  release
};

// Nothing of the transaction is left behind it, whatever comes of it.
constexpr bool is_end(TransactionVerb verb) {
  return verb == TransactionVerb::commit || verb == TransactionVerb::rollback;
}

}  // namespace holdfast
