/* SPDX-License-Identifier: Apache-2.0
 *
 * A preload shim that makes the disk sick on demand.
 * The file named by SICKDISK_CONTROL holds one word: "ok", "enospc", "eio-write", "eio-sync" or "slow-sync"; it is read at
 * every call.  Only files below SICKDISK_ROOT are touched.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

static int mood(char *word, size_t size) {
    const char *path = getenv("SICKDISK_CONTROL");
    if (!path) return 0;
    int (*real_open)(const char *, int, ...) = dlsym(RTLD_NEXT, "open");
    int fd = real_open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return 0;
    ssize_t n = read(fd, word, size - 1);
    close(fd);
    if (n <= 0) return 0;
    word[n] = 0;
    word[strcspn(word, "\r\n ")] = 0;
    return strcmp(word, "ok") != 0;
}

static int ours(int fd) {
    const char *root = getenv("SICKDISK_ROOT");
    char link[64], target[PATH_MAX];
    if (!root) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t n = readlink(link, target, sizeof target - 1);
    if (n <= 0) return 0;
    target[n] = 0;
    return strncmp(target, root, strlen(root)) == 0;
}

static int write_error(int fd) {
    int saved = errno;
    char word[32];
    int error = 0;
    if (mood(word, sizeof word) && ours(fd)) {
        if (!strcmp(word, "enospc")) error = ENOSPC;
        if (!strcmp(word, "eio-write")) error = EIO;
    }
    errno = saved;
    return error;
}

static int sync_error(int fd) {
    int saved = errno;
    char word[32];
    int error = 0;
    if (mood(word, sizeof word) && ours(fd)) {
        if (!strcmp(word, "eio-sync")) error = EIO;
        if (!strcmp(word, "slow-sync")) usleep(200000);
    }
    errno = saved;
    return error;
}

#define WRITE(type, name, params, args)                     \
    type name params {                                      \
        static type(*real) params;                          \
        if (!real) real = dlsym(RTLD_NEXT, #name);          \
        int error = write_error(fd);                        \
        if (error) { errno = error; return -1; }            \
        return real args;                                   \
    }

WRITE(ssize_t, write, (int fd, const void *b, size_t n), (fd, b, n))
WRITE(ssize_t, pwrite, (int fd, const void *b, size_t n, off_t o), (fd, b, n, o))
WRITE(ssize_t, pwrite64, (int fd, const void *b, size_t n, off64_t o), (fd, b, n, o))
WRITE(ssize_t, writev, (int fd, const struct iovec *v, int n), (fd, v, n))
WRITE(ssize_t, pwritev, (int fd, const struct iovec *v, int n, off_t o), (fd, v, n, o))
WRITE(int, fallocate, (int fd, int m, off_t o, off_t n), (fd, m, o, n))

int fsync(int fd) {
    static int (*real)(int);
    if (!real) real = dlsym(RTLD_NEXT, "fsync");
    int error = sync_error(fd);
    if (error) { errno = error; return -1; }
    return real(fd);
}

int fdatasync(int fd) {
    static int (*real)(int);
    if (!real) real = dlsym(RTLD_NEXT, "fdatasync");
    int error = sync_error(fd);
    if (error) { errno = error; return -1; }
    return real(fd);
}
