#pragma once
// One column of a multi-row statement in PostgreSQL's binary form (array_recv), for
// `unnest($n::type[])`. Purpose: the server takes each element as it is, where the text form
// (data::to_array_literal) would be escaped here and read there twice, character by character. One
// dimension, of one of the types below; an enumeration goes as text and is cast in the statement,
// since its type's number differs between databases.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/time.h"
#include "core/uuid.h"

namespace auterity::engine {

// PostgreSQL's numbers of its built-in types (catalog/pg_type.dat).
enum class ElementType : std::uint32_t { bigint = 20, text = 25, timestamptz = 1184, uuid = 2950 };

class BinaryArray {
 public:
  explicit BinaryArray(ElementType type);

  // Of the column's type; asserted.
  void add(std::string_view text);
  void add(const std::string& text) { add(std::string_view(text)); }
  void add(const char* text) { add(std::string_view(text)); }
  void add(const std::optional<std::string>& text);
  void add(std::int64_t number);
  void add(const Uuid& id);
  void add(Time time);
  void add(std::optional<Time> time);
  void add_null();

  // The finished parameter; the column is empty afterwards.
  std::string take();

 private:
  void begin_element(ElementType type, std::size_t bytes);
  void append(std::uint32_t number);
  void append_wide(std::uint64_t number);

  ElementType type_;
  std::uint32_t count_ = 0;
  bool nulls_ = false;
  std::string bytes_;
};

}  // namespace auterity::engine
