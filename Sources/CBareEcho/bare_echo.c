// The clocks are not in plain C11.
#define _POSIX_C_SOURCE 200809L

#include "bare_echo.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <zmq.h>

static uint64_t now_ns(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

// Sends every message back until one with an empty payload comes.
static void *serve(void *socket) {
    for (;;) {
        int is_last = 0;
        for (;;) {
            zmq_msg_t frame;
            zmq_msg_init(&frame);
            if (zmq_msg_recv(&frame, socket, 0) < 0) {
                zmq_msg_close(&frame);
                return NULL;
            }
            const int more = zmq_msg_more(&frame);
            if (!more && zmq_msg_size(&frame) == 0) is_last = 1;
            zmq_msg_send(&frame, socket, more ? ZMQ_SNDMORE : 0);
            if (!more) break;
        }
        if (is_last) return NULL;
    }
}

static int send_message(void *socket, const unsigned char *bytes, size_t header_bytes, size_t payload_bytes) {
    if (zmq_send(socket, bytes, header_bytes, ZMQ_SNDMORE) < 0) return errno;
    return zmq_send(socket, bytes, payload_bytes, 0) < 0 ? errno : 0;
}

static int receive_message(void *socket) {
    int more = 1;
    while (more) {
        zmq_msg_t frame;
        zmq_msg_init(&frame);
        if (zmq_msg_recv(&frame, socket, 0) < 0) {
            const int code = errno;
            zmq_msg_close(&frame);
            return code;
        }
        more = zmq_msg_more(&frame);
        zmq_msg_close(&frame);
    }
    return 0;
}

// Replies come in the order of the requests, so a ring of sending times is enough.
static int drive(
    void *socket, int in_flight, double seconds, size_t header_bytes, size_t payload_bytes,
    uint64_t *latencies, size_t capacity, size_t *count, double *elapsed) {
    const size_t longest = header_bytes > payload_bytes ? header_bytes : payload_bytes;
    unsigned char *bytes = calloc(longest + 1, 1);
    uint64_t *sent = calloc((size_t)in_flight, sizeof(uint64_t));
    int code = bytes == NULL || sent == NULL ? ENOMEM : 0;
    size_t done = 0;
    size_t under_way = 0;
    const uint64_t start = now_ns();
    const uint64_t end = start + (uint64_t)(seconds * 1e9);
    for (; code == 0 && under_way < (size_t)in_flight; under_way++) {
        sent[under_way] = now_ns();
        code = send_message(socket, bytes, header_bytes, payload_bytes);
    }
    while (code == 0 && under_way > 0) {
        code = receive_message(socket);
        if (code != 0) break;
        const uint64_t now = now_ns();
        const size_t place = done % (size_t)in_flight;
        if (done < capacity) latencies[done] = now - sent[place];
        done++;
        under_way--;
        if (now < end) {
            sent[place] = now_ns();
            code = send_message(socket, bytes, header_bytes, payload_bytes);
            under_way++;
        }
    }
    *count = done;
    *elapsed = (double)(now_ns() - start) / 1e9;
    free(bytes);
    free(sent);
    return code;
}

int switchboard_bare_echo(
    const char *address, int in_flight, double seconds, size_t header_bytes, size_t payload_bytes,
    uint64_t *latencies, size_t capacity, size_t *count, double *elapsed) {
    void *context = zmq_ctx_new();
    void *server = zmq_socket(context, ZMQ_ROUTER);
    void *client = zmq_socket(context, ZMQ_DEALER);
    const int linger = 0;
    zmq_setsockopt(server, ZMQ_LINGER, &linger, sizeof linger);
    zmq_setsockopt(client, ZMQ_LINGER, &linger, sizeof linger);
    char bound[256];
    size_t length = sizeof bound;
    int code = 0;
    if (zmq_bind(server, address) != 0 || zmq_getsockopt(server, ZMQ_LAST_ENDPOINT, bound, &length) != 0
        || zmq_connect(client, bound) != 0) {
        code = errno;
        zmq_close(server);
    } else {
        pthread_t thread;
        code = pthread_create(&thread, NULL, serve, server);
        if (code == 0) {
            code = drive(client, in_flight, seconds, header_bytes, payload_bytes, latencies, capacity, count, elapsed);
            send_message(client, (const unsigned char *)"", 0, 0);
            pthread_join(thread, NULL);
        }
        zmq_close(server);
    }
    zmq_close(client);
    zmq_ctx_term(context);
    return code;
}
