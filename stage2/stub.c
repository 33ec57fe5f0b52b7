#define S(n) long n(void); long n(void) { return -38; }
#pragma GCC diagnostic ignored "-Wmissing-prototypes"
S(on_syscall) S(root_mount_empty) S(boot_disk_find) S(root_mount_archive_disk) S(root_mount_archive_memory) S(fs_open_exec) S(fs_context_put) S(fs_open) S(fs_unlink) S(fs_context_create) S(on_oom)
