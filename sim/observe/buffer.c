/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Streams into memory.
 */
#include "observe/buffer.h"

#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

#define CAPACITY_MIN	512

static ssize_t
buffer_write(void *cookie, const char *data, size_t size)
{
	struct buffer *buffer = cookie;
	size_t capacity = buffer->capacity;
	char *text;

	while (capacity < buffer->size + size + 1)
		capacity = capacity > 0 ? capacity * 2 : CAPACITY_MIN;
	if (capacity != buffer->capacity) {
		text = realloc(buffer->text, capacity);
		if (text == NULL) {
			buffer->lost = true;
			return 0;
		}
		buffer->text = text;
		buffer->capacity = capacity;
	}
	memcpy(buffer->text + buffer->size, data, size);
	buffer->size += size;
	buffer->text[buffer->size] = '\0';
	return (ssize_t)size;
}

bool
buffer_open(struct buffer *buffer)
{
	static const cookie_io_functions_t functions = {
		.write = buffer_write,
	};

	memset(buffer, 0, sizeof(*buffer));
	buffer->out = fopencookie(buffer, "w", functions);
	return buffer->out != NULL;
}

bool
buffer_close(struct buffer *buffer)
{
	if (fclose(buffer->out) != 0)
		buffer->lost = true;
	buffer->out = NULL;
	if (!buffer->lost)
		return true;
	free(buffer->text);
	buffer->text = NULL;
	buffer->size = 0;
	return false;
}
