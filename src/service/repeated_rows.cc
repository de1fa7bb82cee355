// Cells are hashed as they come, so the version of a row that the transaction has changed itself is
// NULL each time. When a claim was opened is left out: it never changes, but a claim of the
// transaction itself is opened at COMMIT.
#include "service/repeated_rows.h"

#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/hash.h"

namespace holdfast {
namespace {

class HashSink final : public RowSink {
 public:
  void begin_row(std::size_t /*cells*/) override {}
  void null() override { mark(Kind::null); }
  void boolean(bool value) override { mark(value ? Kind::yes : Kind::no); }
  void integer(std::int64_t value) override {
    mark(Kind::value);
    row_.svarint(value);
  }
  void text(std::string_view value) override {
    mark(Kind::value);
    row_.text(value);
  }
  void uuid(const ClaimId& value) override {
    mark(Kind::value);
    row_.raw(std::as_bytes(std::span(value.bytes)));
  }
  void timestamp(Timestamp value) override {
    mark(Kind::value);
    row_.svarint(value.us());
  }
  void end_row() override {
    hash_ = hash64(row_.bytes(), mix64(hash_, 1));
    row_.clear();
  }

  [[nodiscard]] std::uint64_t hash() const { return hash_; }

 private:
  enum class Kind : std::uint8_t { null, no, yes, value };
  void mark(Kind kind) { row_.fixed(static_cast<std::uint8_t>(kind)); }

  ByteWriter row_;
  std::uint64_t hash_ = 0;
};

class RepeatedLookup final : public RepeatableRead {
 public:
  RepeatedLookup(Relation relation, std::span<const std::uint8_t> sources,
                 const BoundLookup& lookup)
      : relation_(relation), lookup_(lookup) {
    for (const std::uint8_t source : sources) {
      if (source >= answer_source) continue;
      if (relation == Relation::claims && source == opened_at) continue;
      sources_.push_back(source);
    }
    keep_texts();
  }

  Look look(const Stock& stock, Timestamp /*now*/, Seq committed) override {
    HashSink sink;
    const LookupTarget target{.relation = relation_, .sources = sources_, .committed = committed};
    const LookupResult result = read_lookup(stock, target, lookup_, sink, scratch_);
    return {.rows = mix64(sink.hash(), result.rows), .work = result.work};
  }
  [[nodiscard]] std::size_t bytes() const override { return bytes_; }

 private:
  static constexpr auto opened_at = static_cast<std::uint8_t>(ClaimColumn::opened_at);

  // The texts are the execution's.
  void keep_texts() {
    for (BoundLookup::KeyList& key : lookup_.keys) {
      std::size_t size = 0;
      for (const std::string_view text : key.texts) size += text.size();
      bytes_ += size + key.ids.size() * sizeof(ClaimId);
      std::string own;
      own.reserve(size);
      for (const std::string_view text : key.texts) own += text;
      key.storage = std::move(own);
      std::string_view rest = key.storage;
      for (std::string_view& text : key.texts) {
        const std::size_t length = text.size();
        text = rest.substr(0, length);
        rest.remove_prefix(length);
      }
    }
  }

  const Relation relation_;
  std::vector<std::uint8_t> sources_;
  BoundLookup lookup_;
  std::size_t bytes_ = 0;
  std::string scratch_;
};

class RepeatedCanClaim final : public RepeatableRead {
 public:
  RepeatedCanClaim(const CanClaim& asked, std::span<const std::uint8_t> sources)
      : sku_(asked.sku),
        channel_(asked.channel),
        quantity_(asked.quantity),
        sources_(sources.begin(), sources.end()) {}

  Look look(const Stock& stock, Timestamp /*now*/, Seq /*committed*/) override {
    HashSink sink;
    const CanClaim asked{.sku = sku_, .channel = channel_, .quantity = quantity_};
    const LookupResult result = read_can_claim(stock, asked, sources_, sink);
    return {.rows = sink.hash(), .work = result.work};
  }
  [[nodiscard]] std::size_t bytes() const override { return sku_.size() + channel_.size(); }

 private:
  const std::string sku_;
  const std::string channel_;
  const Quantity quantity_;
  const std::vector<std::uint8_t> sources_;
};

}  // namespace

std::unique_ptr<RepeatableRead> repeat_lookup(Relation relation,
                                              std::span<const std::uint8_t> sources,
                                              const BoundLookup& lookup) {
  return std::make_unique<RepeatedLookup>(relation, sources, lookup);
}

std::unique_ptr<RepeatableRead> repeat_can_claim(const CanClaim& asked,
                                                 std::span<const std::uint8_t> sources) {
  return std::make_unique<RepeatedCanClaim>(asked, sources);
}

}  // namespace holdfast
