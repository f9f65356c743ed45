/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A stream into memory that tells when memory was out, which those of
 * open_memstream(3) may not.
 */
#ifndef SIM_OBSERVE_BUFFER_H
#define SIM_OBSERVE_BUFFER_H

#include <stdbool.h>
#include <stdio.h>

struct buffer {
	FILE *out;		/* to write to */
	char *text;		/* owned; a NUL behind; NULL: nothing */
	size_t size, capacity;
	bool lost;		/* memory was out */
};

/* False: memory is out, and there is nothing to close. */
bool buffer_open(struct buffer *buffer);

/*
 * Ends the writing.  True: all of it is in text, which the caller frees.
 * False: memory was out, and text is NULL.
 */
bool buffer_close(struct buffer *buffer);

#endif /* SIM_OBSERVE_BUFFER_H */
