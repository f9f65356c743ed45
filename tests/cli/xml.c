/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A small parser of XML, by recursive descent.
 */
#include "xml.h"

#include <check.h>
#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Where the parser is. */
static const char *at, *start;

static void __attribute__((__noreturn__))
malformed(const char *what)
{
	ck_abort_msg("no XML: %s at byte %zu: %.100s", what,
	    (size_t)(at - start), at);
}

static void
expect(const char *token)
{
	if (strncmp(at, token, strlen(token)) != 0)
		malformed(token);
	at += strlen(token);
}

static void
spaces_skip(void)
{
	at += strspn(at, " \t\n");
}

static char *
name_read(void)
{
	size_t length = strspn(at, "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ_-0123456789");
	char *name = strndup(at, length);

	if (length == 0 || isdigit((unsigned char)*at) || *at == '-')
		malformed("no name");
	ck_assert_ptr_nonnull(name);
	at += length;
	return name;
}

/* One of the five entities, or a newline's number. */
static char
entity_read(void)
{
	static const struct {
		const char *name;
		char character;
	} entities[] = {
		{ "&lt;", '<' }, { "&gt;", '>' }, { "&amp;", '&' },
		{ "&quot;", '"' }, { "&apos;", '\'' }, { "&#10;", '\n' },
	};
	unsigned i;

	for (i = 0; i < sizeof(entities) / sizeof(entities[0]); i++) {
		if (strncmp(at, entities[i].name, strlen(entities[i].name))
		    == 0) {
			at += strlen(entities[i].name);
			return entities[i].character;
		}
	}
	malformed("no entity");
}

/* UTF-8 as the C library reads it has no surrogates and nothing overlong. */
static size_t
character_size(void)
{
	unsigned char first = (unsigned char)*at;
	size_t size = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 :
	    4, i;

	if ((first < ' ' && first != '\t' && first != '\n') ||
	    (first >= 0x80 && first < 0xc2) || first > 0xf4 ||
	    memcmp(at, "\xef\xbf\xbe", 3) == 0 ||
	    memcmp(at, "\xef\xbf\xbf", 3) == 0)
		malformed("a character that XML has not");
	for (i = 1; i < size; i++) {
		if ((at[i] & 0xc0) != 0x80)
			malformed("no UTF-8");
	}
	return size;
}

/* Up to one of the characters in stop; appended to text. */
static void
text_read(FILE *text, const char *stop)
{
	size_t size;

	while (*at != '\0' && strchr(stop, *at) == NULL) {
		if (*at == '&') {
			fputc(entity_read(), text);
			continue;
		}
		if (strncmp(at, "]]>", 3) == 0)
			malformed("]]> in text");
		size = character_size();
		fwrite(at, 1, size, text);
		at += size;
	}
}

static void
attribute_read(struct xml *element)
{
	unsigned i, n = element->nattributes++;
	size_t size;
	FILE *text;

	ck_assert_uint_lt(n, XML_ATTRIBUTES);
	element->attributes[n].name = name_read();
	for (i = 0; i < n; i++)
		ck_assert_str_ne(element->attributes[i].name,
		    element->attributes[n].name);
	expect("=\"");
	text = open_memstream(&element->attributes[n].value, &size);
	ck_assert_ptr_nonnull(text);
	text_read(text, "\"<");
	fclose(text);
	expect("\"");
}

static struct xml *element_read(void);

static void
content_read(struct xml *element)
{
	size_t size;
	FILE *text = open_memstream(&element->text, &size);
	char *end;

	ck_assert_ptr_nonnull(text);
	for (;;) {
		text_read(text, "<");
		if (strncmp(at, "</", 2) == 0)
			break;
		element->children = realloc(element->children,
		    (element->nchildren + 1) * sizeof(element->children[0]));
		ck_assert_ptr_nonnull(element->children);
		element->children[element->nchildren++] = element_read();
	}
	fclose(text);
	expect("</");
	end = name_read();
	ck_assert_str_eq(end, element->name);
	free(end);
	expect(">");
}

static struct xml *
element_read(void)
{
	struct xml *element = calloc(1, sizeof(*element));

	ck_assert_ptr_nonnull(element);
	expect("<");
	element->name = name_read();
	while (isspace((unsigned char)*at)) {
		spaces_skip();
		if (*at != '/' && *at != '>')
			attribute_read(element);
	}
	if (*at == '/') {
		expect("/>");
		element->text = strdup("");
		return element;
	}
	expect(">");
	content_read(element);
	return element;
}

struct xml *
xml_parse(const char *text)
{
	struct xml *element;

	at = start = text;
	expect("<?xml version=\"1.0\" encoding=\"UTF-8\"?>");
	spaces_skip();
	element = element_read();
	spaces_skip();
	if (*at != '\0')
		malformed("something behind the document");
	return element;
}

void
xml_free(struct xml *element)
{
	unsigned i;
	size_t j;

	for (i = 0; i < element->nattributes; i++) {
		free(element->attributes[i].name);
		free(element->attributes[i].value);
	}
	for (j = 0; j < element->nchildren; j++)
		xml_free(element->children[j]);
	free(element->children);
	free(element->name);
	free(element->text);
	free(element);
}

const char *
xml_attribute(const struct xml *element, const char *name)
{
	unsigned i;

	for (i = 0; i < element->nattributes; i++) {
		if (strcmp(element->attributes[i].name, name) == 0)
			return element->attributes[i].value;
	}
	ck_abort_msg("<%s> has no attribute %s", element->name, name);
}

long
xml_number(const struct xml *element, const char *name)
{
	const char *value = xml_attribute(element, name);
	char *end;
	long number = strtol(value, &end, 10);

	ck_assert_msg(end != value && *end == '\0', "%s=\"%s\" is no number",
	    name, value);
	return number;
}

size_t
xml_count(const struct xml *element, const char *name)
{
	size_t i, n = 0;

	for (i = 0; i < element->nchildren; i++)
		n += strcmp(element->children[i]->name, name) == 0;
	return n;
}

const struct xml *
xml_child(const struct xml *element, const char *name, size_t n)
{
	size_t i;

	for (i = 0; i < element->nchildren; i++) {
		if (strcmp(element->children[i]->name, name) == 0 && n-- == 0)
			return element->children[i];
	}
	ck_abort_msg("<%s> has too few <%s>", element->name, name);
}
