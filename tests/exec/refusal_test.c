/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Programs that cannot be helped by a preloaded library are refused in one
 * line, which says why.
 */
#include <elf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "exec.h"

static char image[1 << 20];

/* A copy of a program in the case's folder, after a change to its bytes. */
static void
copy_changed(const char *name, void (*change)(Elf64_Ehdr *header))
{
	FILE *in = fopen(program_of("ends"), "rb");
	char command[100];
	struct run run;
	size_t n;

	ck_assert_ptr_nonnull(in);
	n = fread(image, 1, sizeof(image), in);
	fclose(in);
	change((Elf64_Ehdr *)(void *)image);
	folder_bytes(name, image, n);
	snprintf(command, sizeof(command), "chmod 755 %s", name);
	run = exec_shell(command);
	must_exit(&run, 0, command);
	run_free(&run);
}

static void
must_refuse(const char *name, const char *why)
{
	struct run run = EXEC("--", name);

	must_complain(&run, why, why);
	ck_assert_str_eq(run.out, "");
	run_free(&run);
}

static void
without_loader(Elf64_Ehdr *header)
{
	Elf64_Phdr *part = (Elf64_Phdr *)(void *)(image + header->e_phoff);
	unsigned i;

	for (i = 0; i < header->e_phnum; i++) {
		if (part[i].p_type == PT_INTERP)
			part[i].p_type = PT_NULL;
	}
}

static void
with_musls_loader(Elf64_Ehdr *header)
{
	Elf64_Phdr *part = (Elf64_Phdr *)(void *)(image + header->e_phoff);
	unsigned i;

	for (i = 0; i < header->e_phnum; i++) {
		if (part[i].p_type == PT_INTERP)
			strcpy(image + part[i].p_offset,
			    "/lib/ld-musl-x86_64.so.1");
	}
}

static void
with_32_bits(Elf64_Ehdr *header)
{
	header->e_ident[EI_CLASS] = ELFCLASS32;
	header->e_machine = EM_386;
}

static void
with_a_loader_beyond_the_end(Elf64_Ehdr *header)
{
	Elf64_Phdr *part = (Elf64_Phdr *)(void *)(image + header->e_phoff);
	unsigned i;

	for (i = 0; i < header->e_phnum; i++) {
		if (part[i].p_type == PT_INTERP)
			part[i].p_offset = 1UL << 40;
	}
}

static void
with_headers_beyond_the_end(Elf64_Ehdr *header)
{
	header->e_phoff = 1UL << 40;
}

START_TEST(static_program)
{
	copy_changed("static", without_loader);
	must_refuse("./static", "statically linked");
	copy_changed("broken", with_a_loader_beyond_the_end);
	must_refuse("./broken", "statically linked");
	copy_changed("broken", with_headers_beyond_the_end);
	must_refuse("./broken", "statically linked");
}
END_TEST

START_TEST(musl_program)
{
	copy_changed("musl", with_musls_loader);
	must_refuse("./musl", "musl");
}
END_TEST

START_TEST(program_of_32_bits)
{
	copy_changed("small", with_32_bits);
	must_refuse("./small", "another processor or word size");
}
END_TEST

static void
unchanged(Elf64_Ehdr *header)
{
	(void)header;
}

/* Who may give files away can make one that is setuid to somebody else. */
START_TEST(setuid_program)
{
	struct run run;

	copy_changed("setuid", unchanged);
	if (geteuid() != 0) {
		printf("# setuid_program: skipped: needs root\n");
		return;
	}
	run = exec_shell("chown 65534 setuid && chmod 4755 setuid");
	must_exit(&run, 0, "chown");
	run_free(&run);
	must_refuse("./setuid", "setuid or setgid");
	run = exec_shell("chown 0:65534 setuid && chmod 2755 setuid");
	must_exit(&run, 0, "chgrp");
	run_free(&run);
	must_refuse("./setuid", "setuid or setgid");
}
END_TEST

START_TEST(program_that_is_none)
{
	char *name = malloc(5001);

	must_refuse("./missing", "No such file or directory");
	must_refuse("no-program-has-this-name", "no such program in PATH");
	must_refuse("/tmp", "not a program");
	folder_file("text", "no program\n");
	must_refuse("./text", "not a program");
	memset(name, 'x', 5000);
	name[5000] = '\0';
	must_refuse(name, "no such program in PATH");
	name[0] = '/';
	must_refuse(name, "File name too long");
	free(name);
}
END_TEST

static void
must_refuse_script(const char *text, const char *why)
{
	struct run run;

	folder_file("script", text);
	run = exec_shell("chmod 755 script");
	must_exit(&run, 0, "chmod");
	run_free(&run);
	must_refuse("./script", why);
}

START_TEST(script_whose_interpreter_is_none)
{
	must_refuse_script("#!/no/interpreter -e\n", "/no/interpreter");
	must_refuse_script("#!\n", "not a program");
	must_refuse_script("#!   ", "not a program");
	must_refuse_script("#!./script\n", "not a program");
	must_refuse_script("echo no first line\n", "neither an ELF program");
	must_refuse_script("", "neither an ELF program");
	must_refuse_script("\177ELF", "neither an ELF program");
}
END_TEST

START_TEST(program_whose_path_is_long)
{
	struct run run = exec_shell("d=$(printf '%0200d' 0); p=.; "
	    "for i in $(seq 18); do p=$p/$d; done; mkdir -p $p && "
	    "cp $P/ends $p/ends && cd $p && $SIM exec ./ends by_return && "
	    "cd \"$DIR\" && $SIM exec --quiet $p/ends by_return");

	must_exit(&run, 0, "long");
	ck_assert_str_eq(run.out, "ok\nok\n");
	run_free(&run);
}
END_TEST

START_TEST(no_program_and_unknown_options)
{
	static const char *const words[][5] = {
		{ "exec", NULL },
		{ "exec", "--", NULL },
		{ "exec", "--nonsense", "true", NULL },
		{ "exec", "-x", "true", NULL },
		{ "exec", "--pid", "1", "true", NULL },
		{ "exec", "--trace=1", "true", NULL },
		{ "exec", "--cpu", NULL },
		{ "exec", "--cpu", "z80", "true", NULL },
		{ "exec", "--abi", "v9", "true", NULL },
		{ "exec", "--engine", "steam", "true", NULL },
		{ "exec", "--engine", "script", "true", NULL },
		{ "exec", "--policy", "wrong", "true", NULL },
		{ "exec", "--quirks", "wrong", "true", NULL },
		{ "exec", "--device", "nvmm", "true", NULL },
		{ "exec", "--device", "/dev/a\nb", "true", NULL },
		{ "exec", "--guest", "missing.lua", "true", NULL },
		{ "exec", "--format", "xml", "true", NULL },
		{ "exec", "--preempt", "often", "true", NULL },
		{ "exec", "--preempt", "-1", "true", NULL },
		{ "exec", "--preempt", "7x", "true", NULL },
		{ "exec", "--preempt", "99999999999999999999", "true", NULL },
	};
	struct run run;
	unsigned i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		run = run_words(folder_path(), words[i]);
		must_complain(&run, "", words[i][1] ? words[i][1] : "none");
		run_free(&run);
	}
}
END_TEST

Suite *
refusal_suite(void)
{
	Suite *suite = suite_create("refusal");
	TCase *tcase = case_new(suite, "refusal");

	tcase_add_test(tcase, static_program);
	tcase_add_test(tcase, musl_program);
	tcase_add_test(tcase, program_of_32_bits);
	tcase_add_test(tcase, setuid_program);
	tcase_add_test(tcase, program_that_is_none);
	tcase_add_test(tcase, script_whose_interpreter_is_none);
	tcase_add_test(tcase, program_whose_path_is_long);
	tcase_add_test(tcase, no_program_and_unknown_options);
	return suite;
}
