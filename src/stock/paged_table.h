// PagedTable<Page>: rows in fixed copy-on-write pages behind a two-level table of pages;
// TableView<Page> is the same rows as a snapshot sees them.
//
//   root (vector) ──▶ node: 256 pages, and when each was born ──▶ page: 2^Page::row_bits rows,
//   column by column
//
// Invariants
//   1. A node or page that a living snapshot can see is never written: the writer copies it first
//   (stock/epochs.h).
//   2. A page that is private to the writer hangs below a node that is, so one comparison per write
//   suffices.
//   3. A cold column is absent from a page until its first non-zero value there; absent means all
//   zeros.
//
// A Page is trivially copyable and has: row_bits; clear(row), back to zeros; cold_count; and, if
// that is not 0, `cold`, an array of pointers to ColdColumn<Page>, null when absent.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <new>
#include <type_traits>
#include <vector>

#include "base/check.h"
#include "model/quantity.h"
#include "stock/arena.h"
#include "stock/epochs.h"

namespace holdfast {

template <unsigned row_bits>
using QuantityColumn = std::array<Quantity, std::size_t{1} << row_bits>;

// Readers touch only `page`; `born` is the writer's.
template <class Page>
struct PageNode {
  static constexpr unsigned slot_bits = 8;
  static constexpr std::size_t slots = std::size_t{1} << slot_bits;
  std::array<Page*, slots> page{};
  std::array<std::uint64_t, slots> born{};
};

// Rows 0 … size − 1. Immutable, any thread.
template <class Page>
class TableView {
 public:
  using Node = PageNode<Page>;
  TableView() = default;
  TableView(std::vector<const Node*> nodes, std::uint32_t size)
      : nodes_(std::move(nodes)), size_(size) {}

  [[nodiscard]] std::uint32_t size() const { return size_; }
  [[nodiscard]] std::uint32_t page_count() const {
    return static_cast<std::uint32_t>((std::uint64_t{size_} + (1u << Page::row_bits) - 1) >>
                                      Page::row_bits);
  }
  [[nodiscard]] const Page& page(std::uint32_t index) const {
    return *nodes_[index >> Node::slot_bits]->page[index & (Node::slots - 1)];
  }
  [[nodiscard]] const Page& page_of(std::uint32_t row) const { return page(row >> Page::row_bits); }

 private:
  std::vector<const Node*> nodes_;
  std::uint32_t size_ = 0;
};

template <class Page>
class PagedTable {
  static_assert(std::is_trivially_copyable_v<Page> && std::is_trivially_destructible_v<Page>);

 public:
  using Node = PageNode<Page>;
  using Cold = QuantityColumn<Page::row_bits>;
  static constexpr std::uint32_t page_rows = 1u << Page::row_bits;
  static constexpr std::uint32_t in_page(std::uint32_t row) { return row & (page_rows - 1); }

  PagedTable(Arena& arena, Epochs& epochs)
      : epochs_(epochs),
        node_pool_(arena, sizeof(Node)),
        page_pool_(arena, sizeof(Page)),
        cold_pool_(arena, sizeof(Cold)) {}

  [[nodiscard]] std::uint32_t size() const { return size_; }

  [[nodiscard]] const Page& page_of(std::uint32_t row) const {
    return *root_[row >> node_shift].node->page[slot_of(row)];
  }

  // Brings what page_of() and writable() read first towards the cache.
  void prefetch_node(std::uint32_t row) const {
    const Node& node = *root_[row >> node_shift].node;
    __builtin_prefetch(&node.page[slot_of(row)]);
    __builtin_prefetch(&node.born[slot_of(row)]);
  }

  // The row's page, private to the writer. Copies it (and its node) if a snapshot shares it.
  [[nodiscard]] Page& writable(std::uint32_t row) {
    const Node& node = *root_[row >> node_shift].node;
    const std::uint32_t slot = slot_of(row);
    if (epochs_.is_shared(node.born[slot])) [[unlikely]]
      return copy_page(row);
    return *node.page[slot];
  }

  // One more row, all zeros. REQUIRES: fewer than 2^32 − 1 rows.
  std::uint32_t append() {
    CHECK(size_ < UINT32_MAX);
    const std::uint32_t row = size_++;
    if (in_page(row) == 0) [[unlikely]]
      add_page(row);
    return row;
  }

  // Takes the last row away again. REQUIRES: no snapshot was taken since it was appended.
  void drop_last() {
    const std::uint32_t row = --size_;
    if (in_page(row) == 0) {
      drop_page(row);
    } else {
      writable(row).clear(in_page(row));
    }
  }

  // Sets a value of a cold column of a writable page.
  void set_cold(Page& page, std::size_t column, std::uint32_t row, Quantity value) {
    if (page.cold[column] == nullptr) {
      if (value.is_zero()) return;
      page.cold[column] = new (cold_pool_.take()) Cold{};
    }
    (*page.cold[column])[in_page(row)] = value;
  }

  [[nodiscard]] TableView<Page> view() const {
    std::vector<const Node*> nodes;
    nodes.reserve(root_.size());
    for (const Root& root : root_) nodes.push_back(root.node);
    return TableView<Page>(std::move(nodes), size_);
  }

 private:
  struct Root {
    Node* node = nullptr;
    std::uint64_t born = 0;
  };
  static constexpr unsigned node_shift = Page::row_bits + Node::slot_bits;
  static constexpr std::uint32_t slot_of(std::uint32_t row) {
    return (row >> Page::row_bits) & (static_cast<std::uint32_t>(Node::slots) - 1);
  }

  Node& writable_node(std::uint32_t row) {
    Root& root = root_[row >> node_shift];
    if (epochs_.is_shared(root.born)) {
      auto* copy = new (node_pool_.take()) Node(*root.node);
      epochs_.retire(root.born, root.node, node_pool_);
      root = {.node = copy, .born = epochs_.now()};
    }
    return *root.node;
  }

  void add_page(std::uint32_t row) {
    if ((row >> node_shift) == root_.size()) {
      root_.push_back({.node = new (node_pool_.take()) Node{}, .born = epochs_.now()});
    }
    put_page(writable_node(row), slot_of(row), new (page_pool_.take()) Page{});
  }

  void drop_page(std::uint32_t row) {
    Page*& page = writable_node(row).page[slot_of(row)];
    if constexpr (Page::cold_count > 0) {
      for (auto* column : page->cold) {
        if (column != nullptr) cold_pool_.give(column);
      }
    }
    page_pool_.give(page);
    page = nullptr;
  }

  void put_page(Node& node, std::uint32_t slot, Page* page) {
    node.page[slot] = page;
    node.born[slot] = epochs_.now();
  }

  [[gnu::noinline]] Page& copy_page(std::uint32_t row) {
    Node& node = writable_node(row);
    Page* before = node.page[slot_of(row)];
    const std::uint64_t born = node.born[slot_of(row)];
    auto* copy = new (page_pool_.take()) Page(*before);
    if constexpr (Page::cold_count > 0) {
      for (auto& column : copy->cold) {
        if (column == nullptr) continue;
        epochs_.retire(born, column, cold_pool_);
        column = new (cold_pool_.take()) Cold(*column);
      }
    }
    epochs_.retire(born, before, page_pool_);
    put_page(node, slot_of(row), copy);
    return *copy;
  }

  Epochs& epochs_;
  Pool node_pool_;
  Pool page_pool_;
  Pool cold_pool_;
  std::vector<Root> root_;
  std::uint32_t size_ = 0;
};

}  // namespace holdfast
