#ifndef HOST_NAMES_H
#define HOST_NAMES_H
/*
 * Put in front of every kernel source that is built for the host. Cor's own functions that have a
 * name of libc's get a prefix there, so that neither takes the other's place: kernel code under
 * test calls Cor's, tests and sanitizers call libc's, and a test can compare both (host.h).
 * memcpy, memmove and memset are assembly in the kernel; here they are libc's, which ASan watches.
 */
#define memcmp    cor_memcmp
#define memchr    cor_memchr
#define strlen    cor_strlen
#define strnlen   cor_strnlen
#define strcmp    cor_strcmp
#define strncmp   cor_strncmp
#define strchr    cor_strchr
#define strrchr   cor_strrchr
#define strlcpy   cor_strlcpy
#define snprintf  cor_snprintf
#define vsnprintf cor_vsnprintf

#endif
