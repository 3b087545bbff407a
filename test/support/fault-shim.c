/*
 * Preloaded into a server by tests: makes system calls on the journal's data file fail, and sets
 * the wall clock. Files in the directory FAULT_SHIM say what happens now:
 *
 *   sync      fdatasync and fsync fail with EIO
 *   write     writes fail with EIO
 *   hold      fdatasync and fsync wait until the file is gone; `held` is there while one does
 *   clock     seconds to be added to the wall clock
 *
 * Every call that was made to fail adds a line to the file `failed` there.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

static int path_of(char *out, size_t size, const char *name) {
  const char *directory = getenv("FAULT_SHIM");
  if (directory == NULL) return 0;
  snprintf(out, size, "%s/%s", directory, name);
  return 1;
}

static int armed(const char *name) {
  char path[512];
  int before = errno;
  int found = path_of(path, sizeof path, name) && syscall(SYS_faccessat, AT_FDCWD, path, F_OK) == 0;
  errno = before;
  return found;
}

static int is_journal(int fd) {
  char link[64], target[512];
  int before = errno;
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, target, sizeof target - 1);
  errno = before;
  if (length < 0) return 0;
  target[length] = 0;
  return strstr(target, "/journal/data.mdb") != NULL;
}

static int fails(const char *what, const char *call, int fd) {
  char path[512];
  if (!armed(what) || !is_journal(fd) || !path_of(path, sizeof path, "failed")) return 0;
  int log = open(path, O_WRONLY | O_CREAT | O_APPEND, 0600);
  if (log >= 0) {
    dprintf(log, "%s\n", call);
    close(log);
  }
  errno = EIO;
  return 1;
}

/* A disk that takes its time: as long as a test wants. */
static void wait_while_held(int fd) {
  char path[512];
  struct timespec moment = {0, 2000000};
  if (!armed("hold") || !is_journal(fd) || !path_of(path, sizeof path, "held")) return;
  int mark = open(path, O_WRONLY | O_CREAT, 0600);
  if (mark >= 0) close(mark);
  while (armed("hold")) nanosleep(&moment, NULL);
  unlink(path);
}

#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

int fdatasync(int fd) {
  wait_while_held(fd);
  return fails("sync", "fdatasync", fd) ? -1 : NEXT(fdatasync)(fd);
}

int fsync(int fd) {
  wait_while_held(fd);
  return fails("sync", "fsync", fd) ? -1 : NEXT(fsync)(fd);
}

ssize_t pwrite(int fd, const void *bytes, size_t size, off_t at) {
  return fails("write", "pwrite", fd) ? -1 : NEXT(pwrite)(fd, bytes, size, at);
}

ssize_t pwrite64(int fd, const void *bytes, size_t size, off64_t at) {
  return fails("write", "pwrite", fd) ? -1 : NEXT(pwrite64)(fd, bytes, size, at);
}

ssize_t write(int fd, const void *bytes, size_t size) {
  return fails("write", "write", fd) ? -1 : NEXT(write)(fd, bytes, size);
}

ssize_t writev(int fd, const struct iovec *parts, int count) {
  return fails("write", "writev", fd) ? -1 : NEXT(writev)(fd, parts, count);
}

ssize_t pwritev(int fd, const struct iovec *parts, int count, off_t at) {
  return fails("write", "pwritev", fd) ? -1 : NEXT(pwritev)(fd, parts, count, at);
}

static long clock_offset(void) {
  char path[512], text[32];
  int before = errno;
  long offset = 0;
  if (path_of(path, sizeof path, "clock")) {
    int fd = open(path, O_RDONLY);
    if (fd >= 0) {
      ssize_t length = read(fd, text, sizeof text - 1);
      close(fd);
      if (length > 0) {
        text[length] = 0;
        offset = atol(text);
      }
    }
  }
  errno = before;
  return offset;
}

int clock_gettime(clockid_t clock, struct timespec *now) {
  int result = NEXT(clock_gettime)(clock, now);
  if (result == 0 && clock == CLOCK_REALTIME) now->tv_sec += clock_offset();
  return result;
}

int gettimeofday(struct timeval *now, void *zone) {
  int result = NEXT(gettimeofday)(now, zone);
  if (result == 0) now->tv_sec += clock_offset();
  return result;
}
