#include "data/objects/file_error.h"

#include <cerrno>
#include <string>
#include <system_error>

namespace auterity::data {

std::unexpected<Error> file_error(int number, std::string_view doing) {
  const auto message = std::string(doing) + ": " + std::generic_category().message(number);
  switch (number) {
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
      return fail(ErrorKind::storage_full, message,
                  "free space where objects are stored, or give it more");
    case ENOENT:
      return fail(ErrorKind::unavailable, message,
                  "make the folder of objects, or name the one that exists");
    case EEXIST:
    case EISDIR:
    case ENOTDIR:
    case ENOTEMPTY:
      return fail(ErrorKind::conflict, message,
                  "a key cannot also be the folder of other keys; use another one");
    case EACCES:
    case EPERM:
    case EROFS:
      return fail(ErrorKind::unavailable, message,
                  "give the platform's user the right to write to the folder of objects");
    default:
      return fail(ErrorKind::unavailable, message, "check the disk that objects are stored on");
  }
}

}  // namespace auterity::data
