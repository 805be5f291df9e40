/*
 * Lets one process believe in another time of day: preloaded (LD_PRELOAD), it adds an offset in nanoseconds, which it
 * reads from the 8 bytes of the file CHAOS_CLOCK_OFFSET whenever it is asked. Who writes the file makes the clock jump.
 *
 * CLOCK_MONOTONIC, CLOCK_BOOTTIME and the clocks of processes stay as they are, as they do where somebody sets a clock.
 * Without the variable, or where the file cannot be mapped, nothing is added.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

enum { SECOND = 1000000000 };

static _Atomic int64_t none;
static _Atomic int64_t *offset = &none;

__attribute__((constructor)) static void map_offset(void) {
    const char *path = getenv("CHAOS_CLOCK_OFFSET");
    int file = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    if (file < 0) return;
    void *mapped = mmap(NULL, sizeof(int64_t), PROT_READ, MAP_SHARED, file, 0);
    close(file);
    if (mapped != MAP_FAILED) offset = mapped;
}

static void add(struct timespec *time, int64_t nanoseconds) {
    int64_t rest = time->tv_nsec + nanoseconds % SECOND;
    time->tv_sec += nanoseconds / SECOND + (rest >= SECOND) - (rest < 0);
    time->tv_nsec = rest + (rest < 0 ? SECOND : rest >= SECOND ? -SECOND : 0);
}

typedef int clock_reading(clockid_t, struct timespec *);

/* Through the vDSO where that can be, since a node asks for the monotonic clock all the time. */
int clock_gettime(clockid_t clock, struct timespec *time) {
    static clock_reading *_Atomic real;
    if (!real) real = (clock_reading *)dlsym(RTLD_NEXT, "clock_gettime");
    int result = real ? real(clock, time) : (int)syscall(SYS_clock_gettime, clock, time);
    if (result == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) add(time, *offset);
    return result;
}

int gettimeofday(struct timeval *restrict time, void *restrict zone) {
    struct timespec now;
    (void)zone;
    if (clock_gettime(CLOCK_REALTIME, &now) != 0) return -1;
    time->tv_sec = now.tv_sec;
    time->tv_usec = now.tv_nsec / 1000;
    return 0;
}

time_t time(time_t *result) {
    struct timespec now = {0};
    clock_gettime(CLOCK_REALTIME, &now);
    if (result) *result = now.tv_sec;
    return now.tv_sec;
}

int timespec_get(struct timespec *time, int base) {
    return base == TIME_UTC && clock_gettime(CLOCK_REALTIME, time) == 0 ? base : 0;
}

/*
 * A wait until a time of day is handed to the kernel, whose clock was not set. Of a condition its clock cannot be asked: a
 * monotonic one counts from the machine's start, and no machine runs for 30 years.
 */
static const struct timespec *of_kernel(const struct timespec *until, struct timespec *kept) {
    if (!until || until->tv_sec < SECOND) return until;
    *kept = *until;
    add(kept, -*offset);
    return kept;
}

typedef int condition_wait(pthread_cond_t *, pthread_mutex_t *, const struct timespec *);

int pthread_cond_timedwait(
    pthread_cond_t *restrict condition, pthread_mutex_t *restrict mutex, const struct timespec *restrict until) {
    static condition_wait *_Atomic real;
    if (!real) real = (condition_wait *)dlsym(RTLD_NEXT, "pthread_cond_timedwait");
    struct timespec kept;
    return real(condition, mutex, of_kernel(until, &kept));
}

typedef int semaphore_wait(sem_t *, const struct timespec *);

int sem_timedwait(sem_t *restrict semaphore, const struct timespec *restrict until) {
    static semaphore_wait *_Atomic real;
    if (!real) real = (semaphore_wait *)dlsym(RTLD_NEXT, "sem_timedwait");
    struct timespec kept;
    return real(semaphore, of_kernel(until, &kept));
}
