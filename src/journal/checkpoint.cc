// A checkpoint is written under a temporary name, synced, read back from the device, and only then
// gets its name. So a file with a checkpoint's name was whole and durable once; what is wrong with
// it now is corruption.
#include "journal/checkpoint.h"

#include <algorithm>

#include "base/check.h"
#include "journal/checkpoint_format.h"

namespace holdfast {
namespace {

constexpr std::string_view temporary_name = "checkpoint.new";
constexpr std::size_t buffer_bytes = 1024 * 1024;
constexpr std::size_t kept = 2;

tl::unexpected<Error> corrupt(std::string_view name, std::uint64_t offset, std::string_view why) {
  return fail(ErrorCode::corrupt, "\"{}\" at offset {}: {}", name, offset, why);
}

// Reads forward through a file that is not trusted: a length is compared with what the file holds
// before memory is taken.
class CheckpointReader {
 public:
  static Result<CheckpointReader> open(Directory& disk, std::string_view name) {
    ASSIGN(std::unique_ptr<File> file, disk.open(name, OpenMode::read));
    ASSIGN(const std::uint64_t bytes, file->size());
    return CheckpointReader(std::move(file), std::string(name), bytes);
  }

  // Valid until the next call.
  Result<ByteSpan> read(std::size_t count, std::string_view what) {
    if (count > bytes_ - offset_)
      return corrupt(name_, offset_, fmt::format("{} is cut off", what));
    if (buffer_.size() < count) buffer_.resize(count);
    ASSIGN(const std::size_t got, file_->read_at(offset_, std::span(buffer_).first(count)));
    if (got != count) return corrupt(name_, offset_, fmt::format("{} is cut off", what));
    offset_ += count;
    return ByteSpan(buffer_).first(count);
  }
  [[nodiscard]] std::uint64_t offset() const { return offset_; }
  [[nodiscard]] bool at_end() const { return offset_ == bytes_; }
  [[nodiscard]] const std::string& name() const { return name_; }

 private:
  CheckpointReader(std::unique_ptr<File> file, std::string name, std::uint64_t bytes)
      : file_(std::move(file)), name_(std::move(name)), bytes_(bytes) {}

  std::unique_ptr<File> file_;
  std::string name_;
  std::uint64_t bytes_ = 0;
  std::uint64_t offset_ = 0;
  std::vector<std::byte> buffer_;
};

// The block's content has been read and is what its frame says.
Status read_blocks(CheckpointReader& in, std::uint64_t hash,
                   const std::function<Status(ByteSpan block)>& visit) {
  for (std::uint64_t index = 0;; ++index) {
    const std::uint64_t at = in.offset();
    ASSIGN(const ByteSpan bytes, in.read(checkpoint_frame_bytes, "a block's frame"));
    const auto frame = decode_checkpoint_frame(bytes);
    if (!frame) return corrupt(in.name(), at, "a block's frame is damaged");
    if (frame->index != index) {
      return corrupt(in.name(), at,
                     fmt::format("block {} stands where block {} should", frame->index, index));
    }
    if (frame->kind == CheckpointFrame::Kind::end) {
      if (frame->hash != hash) return corrupt(in.name(), at, "the end does not follow its blocks");
      if (!in.at_end()) return corrupt(in.name(), in.offset(), "there is more behind the end");
      return {};
    }
    ASSIGN(const ByteSpan block, in.read(frame->bytes, "a block"));
    hash = hash64(block, hash);
    if (hash != frame->hash)
      return corrupt(in.name(), at, fmt::format("block {} is damaged", index));
    TRY(visit(block));
  }
}

class FileCheckpointWriter final : public CheckpointWriter {
 public:
  FileCheckpointWriter(Directory& disk, std::unique_ptr<File> file, Seq seq, ByteSpan header)
      : disk_(disk),
        file_(std::move(file)),
        name_(checkpoint_name(seq)),
        hash_(hash_of_checkpoint_header(header)) {
    pending_.raw(header);
  }
  ~FileCheckpointWriter() override {
    // Gives the space back early; when it fails, the next checkpoint removes it.
    if (!finished_) static_cast<void>(disk_.remove(temporary_name));
  }

  Status add(ByteSpan block) override {
    CHECK(block.size() <= checkpoint_block_bytes_max, "a block of {} bytes", block.size());
    hash_ = hash64(block, hash_);
    encode_checkpoint_frame({.kind = CheckpointFrame::Kind::block,
                             .bytes = static_cast<std::uint32_t>(block.size()),
                             .index = blocks_++,
                             .hash = hash_},
                            pending_);
    pending_.raw(block);
    return pending_.size() >= buffer_bytes ? write_pending() : Status();
  }

  Status finish() override {
    encode_checkpoint_frame(
        {.kind = CheckpointFrame::Kind::end, .bytes = 0, .index = blocks_, .hash = hash_},
        pending_);
    TRY(write_pending());
    TRY(file_->sync());
    file_.reset();
    TRY(read_checkpoint(disk_, temporary_name, [](ByteSpan) { return Status(); }));
    TRY(disk_.rename(temporary_name, name_));
    finished_ = true;
    TRY(disk_.sync());
    return remove_old();
  }

 private:
  Status write_pending() {
    TRY(file_->write_at(offset_, pending_.bytes()));
    offset_ += pending_.size();
    pending_.clear();
    return {};
  }
  Status remove_old() {
    ASSIGN(const std::vector<std::string> names, list_checkpoints(disk_));
    for (std::size_t index = kept; index < names.size(); ++index) TRY(disk_.remove(names[index]));
    return {};
  }

  Directory& disk_;
  std::unique_ptr<File> file_;
  const std::string name_;
  ByteWriter pending_;
  std::uint64_t offset_ = 0;
  std::uint64_t blocks_ = 0;
  std::uint64_t hash_;
  bool finished_ = false;
};

}  // namespace

Result<std::unique_ptr<CheckpointWriter>> write_checkpoint(Directory& disk,
                                                           const CheckpointHeader& header) {
  ByteWriter bytes;
  if (!encode_checkpoint_header(header, bytes)) {
    return fail(ErrorCode::invalid_value, "ledger id \"{}\" is no UUID", header.ledger_id);
  }
  ASSIGN(const std::vector<std::string> names, disk.list());
  if (std::find(names.begin(), names.end(), temporary_name) != names.end()) {
    TRY(disk.remove(temporary_name));
  }
  ASSIGN(std::unique_ptr<File> file, disk.open(temporary_name, OpenMode::create));
  return std::unique_ptr<CheckpointWriter>(std::make_unique<FileCheckpointWriter>(
      disk, std::move(file), header.position.seq, bytes.bytes()));
}

Result<std::vector<std::string>> list_checkpoints(Directory& disk) {
  ASSIGN(std::vector<std::string> names, disk.list());
  std::erase_if(names, [](const std::string& name) { return !checkpoint_seq(name); });
  // The seq has a fixed width in the name, so names sort by it.
  std::sort(names.begin(), names.end(), std::greater<>());
  return names;
}

Result<CheckpointHeader> read_checkpoint(Directory& disk, std::string_view name,
                                         const std::function<Status(ByteSpan block)>& visit) {
  ASSIGN(CheckpointReader in, CheckpointReader::open(disk, name));
  ASSIGN(const ByteSpan bytes, in.read(checkpoint_header_bytes, "the header"));
  std::optional<CheckpointHeader> header = decode_checkpoint_header(bytes);
  if (!header) return corrupt(name, 0, "the header is damaged");
  const std::optional<Seq> named = checkpoint_seq(name);
  if (named && *named != header->position.seq) {
    return corrupt(name, 0,
                   fmt::format("this is the checkpoint of seq {}", header->position.seq.value()));
  }
  TRY(read_blocks(in, hash_of_checkpoint_header(bytes), visit));
  return std::move(*header);
}

}  // namespace holdfast
