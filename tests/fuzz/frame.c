/* Frames: any bytes, decoded whole, prefix by prefix, and by the oracle; and any
 * payload, there and back.
 */
#include "../../common/frame.h"

#include <stdlib.h>
#include <string.h>

#include "../lib/oracle.h"
#include "fuzz.h"

enum { PREFIXES = 64 };     /* that many at the front, and as many at the end */

/* On a copy of its own size, for AddressSanitizer. */
static enum frame_outcome decode(const char *bytes, size_t n, struct frame *f)
{
    char *copy = malloc(n);
    enum frame_outcome outcome;

    if (n > 0)
        memcpy(copy, bytes, n);
    outcome = frame_decode(copy, n, f);
    if (outcome == FRAME_READY) {
        expect(f->size <= n && f->size <= FRAME_SIZE_MAX, "a size of %u", f->size);
        expect(f->length <= FRAME_PAYLOAD_MAX, "a length of %u", f->length);
        expect(f->payload + f->length + 1 == copy + f->size, "a payload elsewhere");
    }
    free(copy);
    return outcome;
}

static void compare_with_oracle(const char *bytes, size_t n, enum frame_outcome came)
{
    char reply[ORACLE_REPLY];
    size_t used, size;
    enum oracle_step step;

    if (n == 0 || memchr(" \t\r\n", bytes[0], 4) != NULL)
        return;             /* white space is not the codec's */
    step = oracle_step(bytes, n, &used, reply, &size);
    expect((step == ORACLE_MORE) == (came == FRAME_PARTIAL)
           && (step == ORACLE_BAD) == (came == FRAME_BAD),
           "the oracle says %d, the codec %d", (int)step, (int)came);
}

/* What is decided of the first bytes stays so, whatever follows. */
static void compare_prefixes(const char *bytes, size_t n)
{
    enum frame_outcome decided = FRAME_PARTIAL, came;
    struct frame first = { 0 }, f = { 0 };

    for (size_t k = 0; k <= n; k++) {
        if (k > PREFIXES && k + PREFIXES < n)
            k = n - PREFIXES;
        came = decode(bytes, k, &f);
        compare_with_oracle(bytes, k, came);
        expect(decided == FRAME_PARTIAL || came == decided, "at %zu: %d, before: %d", k,
               (int)came, (int)decided);
        if (decided == FRAME_READY)
            expect(f.size == first.size && f.length == first.length, "another frame");
        decided = came;
        first = f;
    }
}

static void there_and_back(const char *payload, size_t n)
{
    size_t length = n < FRAME_PAYLOAD_MAX ? n : FRAME_PAYLOAD_MAX, size;
    char *to = malloc(length + 6), *exact;
    struct frame f;

    size = frame_encode(to, payload, length);
    exact = realloc(to, size);
    expect(frame_decode(exact, size, &f) == FRAME_READY && f.length == length
           && memcmp(f.payload, payload, length) == 0, "not read back");
    expect(frame_decode(exact, size - 1, &f) == FRAME_PARTIAL, "read back too soon");
    free(exact);
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size)
{
    const char *bytes = size > 0 ? (const char *)input : "";

    compare_prefixes(bytes, size);
    there_and_back(bytes, size);
    return 0;
}
