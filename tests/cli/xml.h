/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reading the XML that reports are made of, strictly: what is not
 * well-formed fails the test.  Elements, attributes and text; no name
 * spaces, no document types, no comments.
 */
#ifndef TESTS_CLI_XML_H
#define TESTS_CLI_XML_H

#include <stddef.h>

#define XML_ATTRIBUTES	8

struct xml {
	char *name;
	char *text;		/* all of its own, without its children's */
	struct {
		char *name, *value;
	} attributes[XML_ATTRIBUTES];
	unsigned nattributes;
	struct xml **children;
	size_t nchildren;
};

/* The document's element; xml_free() it. */
struct xml *xml_parse(const char *text);
void xml_free(struct xml *element);

/* Must be there.  The n-th child of the name, from 0. */
const char *xml_attribute(const struct xml *element, const char *name);
long xml_number(const struct xml *element, const char *name);
const struct xml *xml_child(const struct xml *element, const char *name,
    size_t n);
/* How many children of the name there are. */
size_t xml_count(const struct xml *element, const char *name);

#endif /* TESTS_CLI_XML_H */
