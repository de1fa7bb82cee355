// The byte form of catalogue records in checkpoints (docs/format/checkpoint.md, "Blocks"), which is
// also what their digest is taken of. Reading trusts nothing: false when the bytes are not a
// record.
#pragma once

#include "base/bytes.h"
#include "model/catalogue.h"

namespace holdfast {

void encode(ByteWriter& out, const ItemRecord& record);
void encode(ByteWriter& out, const LocationRecord& record);
void encode(ByteWriter& out, const ChannelRecord& record);
[[nodiscard]] bool decode(ByteReader& in, ItemRecord& record);
[[nodiscard]] bool decode(ByteReader& in, LocationRecord& record);
[[nodiscard]] bool decode(ByteReader& in, ChannelRecord& record);

// Bytes a record owns outside of itself.
[[nodiscard]] std::size_t owned_bytes(const ItemRecord& record);
[[nodiscard]] std::size_t owned_bytes(const LocationRecord& record);
[[nodiscard]] std::size_t owned_bytes(const ChannelRecord& record);

}  // namespace holdfast
