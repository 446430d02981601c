/* Writes down what a program does to the files below one folder, in the order it happens.
 *
 * LD_PRELOAD=shim.so POWER_ROOT=/folder POWER_LOG=/log program ...
 * Every call is made as it is; after it one record is appended to the log (a sync writes one before
 * and one after). Calls that make, move or remove names happen one at a time over all processes, each
 * with its record: else a folder's first file could stand in the log before the folder.
 * It must not know what the files are; tests/faults/power/log.py reads the log.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

enum { CREATE = 1, WRITE, TRUNCATE, SYNC_BEGIN, SYNC_END, RENAME, UNLINK, MKDIR, LINK, RMDIR };

struct __attribute__((packed)) record {
  uint8_t op;
  uint16_t first_bytes, second_bytes;
  uint32_t data_bytes;
  uint64_t inode;
  int64_t offset;
};

#define FILES_MAX 65536
#define LOG_DESCRIPTOR_MIN 900
static uint64_t inode_of[FILES_MAX]; /* 0: not below the root */
static int log_descriptor = -1;
static char root[PATH_MAX];
static size_t root_bytes;


static int ready(void) {
  if (log_descriptor >= 0 && syscall(SYS_fcntl, log_descriptor, F_GETFD) >= 0) return 1;
  const char *below = getenv("POWER_ROOT"), *log = getenv("POWER_LOG");
  if (!below || !log) return 0;
  snprintf(root, sizeof root, "%s/", below);
  root_bytes = strlen(root);
  int made = syscall(SYS_openat, AT_FDCWD, log, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
  if (made < 0) return 0;
  log_descriptor = syscall(SYS_fcntl, made, F_DUPFD_CLOEXEC, LOG_DESCRIPTOR_MIN);
  syscall(SYS_close, made);
  return log_descriptor >= 0;
}

/* The path as the log has it, relative to the root; NULL when it is none of ours. */
static const char *ours(int folder, const char *path, char *room) {
  if (!path || !ready()) return NULL;
  if (path[0] == '/') {
    snprintf(room, PATH_MAX, "%s", path);
  } else {
    char link[64], base[PATH_MAX];
    if (folder == AT_FDCWD) snprintf(link, sizeof link, "/proc/self/cwd");
    else snprintf(link, sizeof link, "/proc/self/fd/%d", folder);
    ssize_t got = readlink(link, base, sizeof base - 1);
    if (got < 0) return NULL;
    base[got] = 0;
    if (snprintf(room, PATH_MAX, "%s/%s", base, path) >= PATH_MAX) return NULL;
  }
  if (!strncmp(room, root, root_bytes - 1) && !room[root_bytes - 1]) return ""; /* the root itself */
  if (strncmp(room, root, root_bytes)) return NULL;
  const char *found = room + root_bytes;
  size_t n = strlen(found);
  const char *skipped[] = {"-shm", ".gate", ".gate-waiting", ".log"};
  for (size_t i = 0; i < sizeof skipped / sizeof *skipped; i++) {
    size_t m = strlen(skipped[i]);
    if (n >= m && !strcmp(found + n - m, skipped[i])) return NULL;
  }
  return found;
}

static void note(int op, uint64_t inode, int64_t offset, const char *first, const char *second,
                 const void *data, size_t bytes) {
  int kept = errno;
  if (!first) first = "";
  if (!second) second = "";
  struct record head = {op, strlen(first), strlen(second), bytes, inode, offset};
  struct iovec pieces[] = {{&head, sizeof head}, {(void *)first, head.first_bytes},
                           {(void *)second, head.second_bytes}, {(void *)data, bytes}};
  if (syscall(SYS_writev, log_descriptor, pieces, 4) != (long)(sizeof head + head.first_bytes +
                                                              head.second_bytes + bytes))
    abort(); /* a log with a hole would prove nothing */
  errno = kept;
}

static pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER;

/* Among this process' threads, then among processes, children included. */
static void take_turn(const char *name) {
  if (!name) return;
  int kept = errno;
  struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
  pthread_mutex_lock(&turn);
  while (syscall(SYS_fcntl, log_descriptor, F_SETLKW, &whole) < 0)
    if (errno != EINTR) abort();
  errno = kept;
}

static void leave_turn(const char *name) {
  if (!name) return;
  int kept = errno;
  struct flock whole = {.l_type = F_UNLCK, .l_whence = SEEK_SET};
  syscall(SYS_fcntl, log_descriptor, F_SETLK, &whole);
  pthread_mutex_unlock(&turn);
  errno = kept;
}

static uint64_t number_at(const char *path) {
  struct stat found;
  return lstat(path, &found) ? 0 : found.st_ino;
}

static void opened(int fd, const char *name, int flags, int was_there) {
  if (fd < 0 || fd >= FILES_MAX) return;
  inode_of[fd] = 0;
  if (!name) return;
  struct stat found;
  if (fstat(fd, &found)) return;
  inode_of[fd] = found.st_ino;
  if ((flags & O_CREAT) && !was_there) note(CREATE, found.st_ino, 0, name, NULL, NULL, 0);
  else if ((flags & O_TRUNC) && S_ISREG(found.st_mode))
    note(TRUNCATE, found.st_ino, 0, name, NULL, NULL, 0);
}

static int open_any(int folder, const char *path, int flags, mode_t mode) {
  char room[PATH_MAX];
  const char *name = ours(folder, path, room);
  const char *naming = flags & (O_CREAT | O_TRUNC) ? name : NULL;
  take_turn(naming);
  int was_there = name && (flags & O_CREAT) ? number_at(room) != 0 : 1;
  int fd = syscall(SYS_openat, folder, path, flags | O_LARGEFILE, mode);
  opened(fd, name, flags, was_there);
  leave_turn(naming);
  return fd;
}

#define MODE_FROM(flags) \
  mode_t mode = 0; \
  if ((flags) & (O_CREAT | __O_TMPFILE)) { va_list more; va_start(more, flags); mode = va_arg(more, mode_t); va_end(more); }

int open(const char *path, int flags, ...) { MODE_FROM(flags) return open_any(AT_FDCWD, path, flags, mode); }
int open64(const char *path, int flags, ...) { MODE_FROM(flags) return open_any(AT_FDCWD, path, flags, mode); }
int openat(int folder, const char *path, int flags, ...) { MODE_FROM(flags) return open_any(folder, path, flags, mode); }
int openat64(int folder, const char *path, int flags, ...) { MODE_FROM(flags) return open_any(folder, path, flags, mode); }
int __open_2(const char *path, int flags) { return open_any(AT_FDCWD, path, flags, 0); }
int __open64_2(const char *path, int flags) { return open_any(AT_FDCWD, path, flags, 0); }
int creat(const char *path, mode_t mode) { return open_any(AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC, mode); }

int close(int fd) {
  if (fd >= 0 && fd == log_descriptor) return 0;
  if (fd >= 0 && fd < FILES_MAX) inode_of[fd] = 0;
  return syscall(SYS_close, fd);
}

static int watched(int fd) { return fd >= 0 && fd < FILES_MAX && inode_of[fd] && ready(); }

ssize_t write(int fd, const void *data, size_t bytes) {
  ssize_t done = syscall(SYS_write, fd, data, bytes);
  if (done > 0 && watched(fd))
    note(WRITE, inode_of[fd], lseek(fd, 0, SEEK_CUR) - done, NULL, NULL, data, done);
  return done;
}

ssize_t pwrite64(int fd, const void *data, size_t bytes, off64_t offset) {
  ssize_t done = syscall(SYS_pwrite64, fd, data, bytes, offset);
  if (done > 0 && watched(fd)) note(WRITE, inode_of[fd], offset, NULL, NULL, data, done);
  return done;
}
ssize_t pwrite(int fd, const void *data, size_t bytes, off_t offset) { return pwrite64(fd, data, bytes, offset); }

int ftruncate64(int fd, off64_t size) {
  int failed = syscall(SYS_ftruncate, fd, size);
  if (!failed && watched(fd)) note(TRUNCATE, inode_of[fd], size, NULL, NULL, NULL, 0);
  return failed;
}
int ftruncate(int fd, off_t size) { return ftruncate64(fd, size); }

static int synced(int fd, long call) {
  int ours_too = watched(fd);
  if (ours_too) note(SYNC_BEGIN, inode_of[fd], syscall(SYS_gettid), NULL, NULL, NULL, 0);
  int failed = syscall(call, fd);
  if (!failed && ours_too) note(SYNC_END, inode_of[fd], syscall(SYS_gettid), NULL, NULL, NULL, 0);
  return failed;
}
int fsync(int fd) { return synced(fd, SYS_fsync); }
int fdatasync(int fd) { return synced(fd, SYS_fdatasync); }

int renameat(int from_folder, const char *from, int to_folder, const char *to) {
  char one[PATH_MAX], two[PATH_MAX];
  const char *first = ours(from_folder, from, one), *second = ours(to_folder, to, two);
  take_turn(first);
  uint64_t inode = first ? number_at(one) : 0;
  int failed = syscall(SYS_renameat, from_folder, from, to_folder, to);
  if (!failed && first && second) note(RENAME, inode, 0, first, second, NULL, 0);
  leave_turn(first);
  return failed;
}
int rename(const char *from, const char *to) { return renameat(AT_FDCWD, from, AT_FDCWD, to); }
int renameat2(int from_folder, const char *from, int to_folder, const char *to, unsigned flags) {
  if (flags & ~1u) { errno = EINVAL; return -1; } /* exchange: nobody here does it */
  return renameat(from_folder, from, to_folder, to);
}

int unlinkat(int folder, const char *path, int flags) {
  char room[PATH_MAX];
  const char *name = ours(folder, path, room);
  take_turn(name);
  int failed = syscall(SYS_unlinkat, folder, path, flags);
  if (!failed && name) note(flags & AT_REMOVEDIR ? RMDIR : UNLINK, 0, 0, name, NULL, NULL, 0);
  leave_turn(name);
  return failed;
}
int unlink(const char *path) { return unlinkat(AT_FDCWD, path, 0); }
int rmdir(const char *path) { return unlinkat(AT_FDCWD, path, AT_REMOVEDIR); }

int mkdirat(int folder, const char *path, mode_t mode) {
  char room[PATH_MAX];
  const char *name = ours(folder, path, room);
  take_turn(name);
  int failed = syscall(SYS_mkdirat, folder, path, mode);
  if (!failed && name) note(MKDIR, number_at(room), 0, name, NULL, NULL, 0);
  leave_turn(name);
  return failed;
}
int mkdir(const char *path, mode_t mode) { return mkdirat(AT_FDCWD, path, mode); }

int linkat(int from_folder, const char *from, int to_folder, const char *to, int flags) {
  char room[PATH_MAX];
  const char *name = ours(to_folder, to, room);
  take_turn(name);
  int failed = syscall(SYS_linkat, from_folder, from, to_folder, to, flags);
  if (!failed && name) note(LINK, number_at(room), 0, name, NULL, NULL, 0);
  leave_turn(name);
  return failed;
}
int link(const char *from, const char *to) { return linkat(AT_FDCWD, from, AT_FDCWD, to, 0); }
