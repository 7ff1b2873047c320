#pragma once
// CRC-32C (Castagnoli, RFC 3720 appendix B.4), by the processor's instruction where there is one.
// Finds accidental damage; says nothing about intent.
#include <cstdint>
#include <string_view>

namespace auterity {

// For content that arrives in pieces: start with 0 and pass each answer on with the next piece.
std::uint32_t crc32c(std::uint32_t so_far, std::string_view bytes);
// The same by table alone, as on a processor without the instruction.
std::uint32_t crc32c_by_table(std::uint32_t so_far, std::string_view bytes);

}  // namespace auterity
