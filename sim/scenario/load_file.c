/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reading a recorded load.
 */
#include <errno.h>
#include <lzma.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scenario/encode.h"
#include "scenario/load.h"

#define TEXT_MAX	(1UL << 30)	/* a load is not larger than that */

static const uint8_t xz_magic[] = { 0xFD, '7', 'z', 'X', 'Z', 0 };

/* All of a stream, which may be a pipe's; NULL with errno. */
static uint8_t *
stream_read(FILE *file, size_t *size)
{
	size_t capacity = 1 << 16, n = 0;
	uint8_t *data = NULL, *grown;

	while (capacity <= TEXT_MAX) {
		grown = realloc(data, capacity);
		if (grown == NULL)
			break;
		data = grown;
		n += fread(data + n, 1, capacity - n, file);
		if (ferror(file))
			break;
		if (n < capacity) {
			*size = n;
			return data;
		}
		capacity *= 2;
	}
	if (capacity > TEXT_MAX)
		errno = EFBIG;
	free(data);
	return NULL;
}

/* The whole file; NULL with errno. */
static uint8_t *
file_read(const char *path, size_t *size)
{
	FILE *file = fopen(path, "rb");
	uint8_t *data;
	int error;

	if (file == NULL)
		return NULL;
	data = stream_read(file, size);
	error = errno;
	fclose(file);
	errno = error;
	return data;
}

/* NUL-terminated text; NULL when it is no xz file or memory is out. */
static char *
unpack(const uint8_t *data, size_t size)
{
	lzma_stream stream = LZMA_STREAM_INIT;
	size_t capacity = 1 << 23, length = 0;
	lzma_ret status = LZMA_OK;
	char *text = NULL, *grown;

	if (lzma_stream_decoder(&stream, UINT64_MAX, 0) != LZMA_OK)
		return NULL;
	stream.next_in = data;
	stream.avail_in = size;
	while (status == LZMA_OK && capacity <= TEXT_MAX) {
		grown = realloc(text, capacity + 1);
		if (grown == NULL)
			break;
		text = grown;
		stream.next_out = (uint8_t *)text + length;
		stream.avail_out = capacity - length;
		status = lzma_code(&stream, LZMA_FINISH);
		length = capacity - stream.avail_out;
		capacity *= 2;
	}
	lzma_end(&stream);
	if (status != LZMA_STREAM_END) {
		free(text);
		return NULL;
	}
	text[length] = '\0';
	return text;
}

/* A hexadecimal number up to a tab. */
static bool
hex(const char **p, uint64_t *value)
{
	const char *start = *p;
	unsigned digit;

	for (*value = 0; **p != '\t'; ++*p) {
		if (**p >= '0' && **p <= '9')
			digit = (unsigned)(**p - '0');
		else if (**p >= 'a' && **p <= 'f')
			digit = (unsigned)(**p - 'a') + 10;
		else
			return false;
		if (*value >> 60 != 0)
			return false;	/* more than 64 bits */
		*value = *value << 4 | digit;
	}
	++*p;
	return *p - start > 1;
}

static bool
line_parse(const char *p, struct load_access *access)
{
	uint64_t size;

	if (strncmp(p, "pio\t", 4) == 0) {
		access->mmio = false;
		p += 4;
	} else if (strncmp(p, "mmio\t", 5) == 0) {
		access->mmio = true;
		p += 5;
	} else
		return false;
	if ((*p != 'r' && *p != 'w') || p[1] != '\t')
		return false;
	access->write = *p == 'w';
	p += 2;
	if (!hex(&p, &access->address) || !hex(&p, &size) ||
	    !hex(&p, &access->value))
		return false;
	if (size != 1 && size != 2 && size != 4)
		return false;
	access->size = (uint8_t)size;
	/* Devices may answer with more bits than the bus passes on. */
	access->value &= (1ULL << (size * 8)) - 1;
	if (!access->mmio)
		return access->address <= UINT16_MAX;
	/* 32-bit code makes them, and its own page is no device. */
	return access->address <= HARNESS_GPA - size;
}

/* What is no xz file is text already; NULL as unpack(). */
static char *
text_of(const uint8_t *data, size_t size)
{
	char *text;

	if (size >= sizeof(xz_magic) &&
	    memcmp(data, xz_magic, sizeof(xz_magic)) == 0)
		return unpack(data, size);
	text = malloc(size + 1);
	if (text == NULL)
		return NULL;
	memcpy(text, data, size);
	text[size] = '\0';
	return text;
}

static size_t
count_lines(const char *text)
{
	size_t n = 0;

	for (; (text = strchr(text, '\n')) != NULL; text++)
		n++;
	return n;
}

/* The number of the line that is none, or 0. */
static size_t
text_parse(const char *text, struct load *load)
{
	size_t line = 0;

	while (*text != '\0') {
		line++;
		if (*text != '#' &&
		    !line_parse(text, &load->accesses[load->n++]))
			return line;
		text = strchr(text, '\n');
		if (text == NULL)
			break;
		text++;
	}
	return 0;
}

/* The text's accesses; -1 with a line in why. */
static int
load_parse(const char *path, const char *text, struct load *load, char *why,
    size_t size)
{
	size_t line;

	load->accesses = calloc(count_lines(text) + 1,
	    sizeof(*load->accesses));
	if (load->accesses == NULL) {
		snprintf(why, size, "%s: out of memory", path);
		return -1;
	}
	line = text_parse(text, load);
	if (line == 0 && load->n > 0)
		return 0;
	if (line != 0)
		snprintf(why, size, "%s: line %zu is no access that can be "
		    "replayed; nvmm-scenario(5) says what one is", path,
		    line);
	else
		snprintf(why, size, "%s: there is no access in it", path);
	return -1;
}

int
load_read(const char *path, struct load *load, char *why, size_t size)
{
	size_t length = 0;
	uint8_t *data;
	char *text;
	int result = -1;

	load->n = 0;
	load->accesses = NULL;
	data = file_read(path, &length);
	if (data == NULL) {
		snprintf(why, size, "%s: %s", path, strerror(errno));
		return -1;
	}
	text = text_of(data, length);
	if (text == NULL)
		snprintf(why, size, "%s: a damaged xz file, or not enough "
		    "memory for it", path);
	else
		result = load_parse(path, text, load, why, size);
	if (result != 0)
		load_free(load);
	free(text);
	free(data);
	return result;
}

void
load_free(struct load *load)
{
	free(load->accesses);
	load->accesses = NULL;
	load->n = 0;
}
