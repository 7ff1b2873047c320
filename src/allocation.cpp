// `new` and `delete` of the whole program, by mimalloc: an execution is many small values, and the
// C library's allocator took a third of a busy API process's time. C libraries keep malloc.
// Sanitizers bring an allocator of their own.
#if !__has_feature(address_sanitizer) && !__has_feature(thread_sanitizer)
#include <mimalloc-new-delete.h>
#endif
