// What a session remembers between messages: prepared statements and portals, by name; the empty
// name is the unnamed one.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/bytes.h"
#include "pgwire/wire_types.h"
#include "service/database.h"

namespace holdfast {

class ReplySlot;

struct PreparedStatement {
  StatementPtr statement;
  std::vector<Oid> declared;   // as the client gave them; 0: left to us
  std::vector<SqlType> types;  // of the parameters: declared, else inferred
  std::size_t text_bytes = 0;
};

//   Bind ──▶ ready ──Execute──▶ done
//              └─Execute(max)─▶ running ─▶ suspended ⇄ Execute(max) ─▶ done
struct Portal {
  enum class State : std::uint8_t { absent, ready, running, suspended, done };

  State state = State::absent;
  StatementPtr statement;
  std::vector<std::byte> parameters;  // what the values borrow
  std::vector<Value> values;
  std::deque<std::string> arrays;  // … those that came in binary
  std::vector<std::byte> formats;  // of the results, as Bind had them
  ReplySlot* slot = nullptr;       // while running
  ByteWriter rows;                 // suspended: what was not fetched yet, from `fetched` on
  std::size_t fetched = 0;
  std::uint64_t rows_left = 0;
  std::string tag;

  [[nodiscard]] std::size_t bytes() const { return parameters.size() + rows.size(); }
};

// Lets a map of strings be searched by a view of the message.
struct NameHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view name) const {
    return std::hash<std::string_view>{}(name);
  }
};
template <class T>
using ByName = std::unordered_map<std::string, T, NameHash, std::equal_to<>>;

}  // namespace holdfast
