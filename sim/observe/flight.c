/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The ring of last calls, and their text.
 */
#include "observe/flight.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void
flight_write(struct flight *flight, struct flight_entry *entry)
{
	entry->number = atomic_fetch_add_explicit(&flight->head, 1,
	    memory_order_relaxed);
	flight->entries[entry->number % FLIGHT_ENTRIES] = *entry;
}

void
flight_rewrite(struct flight *flight, const struct flight_entry *entry)
{
	struct flight_entry *place =
	    &flight->entries[entry->number % FLIGHT_ENTRIES];

	if (place->number == entry->number)
		*place = *entry;
}

const struct flight_entry *
flight_back(const struct flight *flight, unsigned n)
{
	unsigned head = atomic_load(&flight->head);

	if (n >= head || n >= FLIGHT_ENTRIES)
		return NULL;
	return &flight->entries[(head - 1 - n) % FLIGHT_ENTRIES];
}

const struct flight_entry *
flight_unfinished(const struct flight *flight)
{
	const struct flight_entry *entry;
	unsigned i;

	for (i = 0; (entry = flight_back(flight, i)) != NULL; i++) {
		if (!entry->finished)
			return entry;
	}
	return NULL;
}

/* A line under construction: what does not fit is cut off. */
struct text {
	char *start;
	size_t size, length;
};

static void __attribute__((__format__(__printf__, 2, 3)))
put(struct text *text, const char *format, ...)
{
	va_list ap;
	int n;

	va_start(ap, format);
	n = vsnprintf(text->start + text->length, text->size - text->length,
	    format, ap);
	va_end(ap);
	if (n < 0)
		return;
	text->length += (size_t)n;
	if (text->length >= text->size)
		text->length = text->size - 1;
}

void
flight_format_flags(uint64_t flags, char *buffer, size_t size)
{
	struct text text = { buffer, size, 0 };
	const char *separator = "", *p;
	unsigned i;

	for (i = 0; i < SIM_NCOMPONENT; i++) {
		if ((flags & SIM_BIT(i)) == 0)
			continue;
		put(&text, "%s", separator);
		for (p = sim_components[i].name; *p != '\0'; p++)
			put(&text, "%c", toupper((unsigned char)*p));
		separator = "|";
	}
	flags &= ~SIM_STATE_ALL;
	if (flags != 0)
		put(&text, "%s0x%llx", separator, (unsigned long long)flags);
	else if (*separator == '\0')
		put(&text, "0");
}

void
flight_format_errno(int error, char *text, size_t size)
{
	const char *name = strerrorname_np(error);

	if (name != NULL)
		snprintf(text, size, "%s", name);
	else
		snprintf(text, size, "%d", error);
}

static void
put_flags(struct text *text, uint64_t flags)
{
	char buffer[96];

	flight_format_flags(flags, buffer, sizeof(buffer));
	put(text, "%s", buffer);
}

static void
put_errno(struct text *text, int error)
{
	char buffer[32];

	flight_format_errno(error, buffer, sizeof(buffer));
	put(text, "%s", buffer);
}

static void
put_arg(struct text *text, char kind, uint64_t value)
{
	switch (kind) {
	case 'm':
	case 'c':
	case 'd':
		put(text, "%llu", (unsigned long long)value);
		break;
	case 'f':
		put_flags(text, value);
		break;
	case 'p':
		put(text, "%c%c%c", value & 1 ? 'r' : '-',
		    value & 2 ? 'w' : '-', value & 4 ? 'x' : '-');
		break;
	default:
		put(text, "0x%llx", (unsigned long long)value);
		break;
	}
}

static void
put_call(struct text *text, const struct flight_entry *entry)
{
	const struct sim_call_row *row = &sim_calls[entry->index];
	unsigned i;

	put(text, "%s(", row->name);
	for (i = 0; row->args[i] != '\0'; i++) {
		put(text, i > 0 ? ", " : "");
		put_arg(text, row->args[i], entry->args[i]);
	}
	put(text, ")");
	if (!entry->finished)
		put(text, " ...");
	else if (entry->result == -1) {
		put(text, " = -1 ");
		put_errno(text, entry->error);
	} else
		put(text, " = %d%s%s", entry->result,
		    entry->hit ? "  hit" : "",
		    entry->modelled ? "  modelled" : "");
}

static void
put_change(struct text *text, const char *name, uint64_t before,
    uint64_t after)
{
	if (before == 0 && after == 0)
		return;
	put(text, "  %s=", name);
	put_flags(text, before);
	if (before != after) {
		put(text, "->");
		put_flags(text, after);
	}
}

static void
put_ioctl(struct text *text, const struct flight_entry *entry)
{
	const char *name = "UNKNOWN";

	if (entry->index < SIM_NIOCTL)
		name = sim_ioctl_names[entry->index].name;
	put(text, "ioctl %s", name);
	if (entry->result != 0) {
		put(text, " = -1 ");
		put_errno(text, entry->result);
	} else
		put(text, " = 0");
	if (entry->index == SIM_VCPU_RUN && entry->result == 0)
		put(text, "  exit=%s",
		    sim_exits[sim_exit_find(entry->exit_reason)].name);
	if (!entry->has_flags)
		return;
	put_change(text, "wanted", entry->before.wanted, entry->after.wanted);
	put_change(text, "commit", entry->before.commit, entry->after.commit);
	put_change(text, "cached", entry->before.cached, entry->after.cached);
}

void
flight_format(const struct flight_entry *entry, char *line, size_t size)
{
	struct text text = { line, size, 0 };

	put(&text, "%*s", entry->depth * 2, "");
	if (entry->is_ioctl)
		put_ioctl(&text, entry);
	else
		put_call(&text, entry);
}
