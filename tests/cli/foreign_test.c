/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Libraries of somebody else: of any generation, odd in what they do when
 * they are loaded, and lacking what theirs never had.  And files that are no
 * library to load.
 */
#include <elf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "library.h"

static const char scenarios[] =
    "test(\"writes\", function(t) local cpu = t:machine():vcpu(0)\n"
    "cpu:will(guest.out { port = 0x3f8, size = 1, value = 0x41 })\n"
    "t:expect(cpu:run(), \"io\")\n"
    "cpu:assist_io(function(io) t:expect(io.data, \"A\") end)\n"
    "t:ioctls { VCPU_RUN = 1 } t:note(t.abi) end)\n"
    "test(\"takes\", function(t) local cpu = t:machine():vcpu(0)\n"
    "cpu:get(\"drs\") cpu.state.dr0 = 42 cpu:set(\"drs\")\n"
    "cpu:will(guest.hlt()) cpu:run() cpu:get(\"drs\")\n"
    "t:expect(cpu.state.dr0, 42)\n"
    "t:ioctls { VCPU_RUN = 1, VCPU_GETSTATE = 1 } end)\n"
    "test(\"stops\", function(t) local cpu = t:machine():vcpu(0)\n"
    "cpu:stop() t:expect(cpu:run(), \"stopped\") end)\n"
    "test(\"dumps\", function(t) t:machine():vcpu(0):dump() end)\n"
    "test(\"owns\", { root = true }, function(t) t:machine() end)\n";

/* Runs them on the library; the status must be 0 or 1. */
static json_t *
run_on(const char *library, int status)
{
	struct run run;
	json_t *report;

	folder_file("any.lua", scenarios);
	run = RUN_HERE("run", "--format", "json", "--libnvmm", library,
	    "any.lua");
	must_exit(&run, status, library);
	report = report_parse(run.out);
	run_free(&run);
	return report;
}

static void
must_be(const json_t *report, const char *name, const char *verdict,
    const char *reason)
{
	const json_t *object = scenario(report, name);

	/* Behind a failure's reason come the last calls. */
	ck_assert_msg(strcmp(string(object, "verdict"), verdict) == 0 &&
	    strncmp(string(object, "reason"), reason, strlen(reason)) == 0 &&
	    (*reason != '\0' || string(object, "reason")[0] == '\0'),
	    "%s: expected %s (%s), seen %s (%s)", name, verdict, reason,
	    string(object, "verdict"), string(object, "reason"));
}

static const char *
option(const json_t *report, const char *name)
{
	return string(member(report, "options"), name);
}

/* Bytes behind the VCPU of v1 and v3 are where v2 has its stop word. */
static const struct {
	const char *flags, *speaks;
} generations[] = {
	{ "-DNVMM_ABI=1 -DROOM=8", "v1" },
	{ "-DNVMM_ABI=2", "v2" },
	{ "-DNVMM_ABI=3 -DROOM=8", "v3" },
	{ "-DNVMM_ABI=3 -DMISMATCH=ENOSYS", "v3" },
	{ "-DNVMM_ABI=1 -DMISMATCH=ENOSYS", "v1" },
	{ "-DNVMM_ABI=1 -DEARLY", "v1" },
	{ "-DNVMM_ABI=3 -DEARLY", "v3" },
};
#define NGENERATIONS	(sizeof(generations) / sizeof(generations[0]))

START_TEST(a_library_of_any_generation_runs)
{
	const char *speaks = generations[_i].speaks;
	bool stops = strcmp(speaks, "v2") == 0;
	json_t *report;

	library_build_foreign("any.so", generations[_i].flags);
	report = run_on("./any.so", 0);
	ck_assert_str_eq(option(report, "abi"), speaks);
	ck_assert_str_eq(option(report, "inner_calls"), "seen");
	must_be(report, "writes", "pass", "");
	must_be(report, "takes", "pass", "");
	must_be(report, "owns", "pass", "");
	must_be(report, "stops", stops ? "pass" : "skip",
	    stops ? "" : "this libnvmm has no nvmm_vcpu_stop");
	must_be(report, "dumps", "skip",
	    "this libnvmm has no nvmm_vcpu_dump");
	json_decref(report);
}
END_TEST

/* With VCPUs that the scenarios end themselves, on all that they have. */
START_TEST(nobody_touches_what_lies_behind_a_vcpu)
{
	char library[96];
	json_t *report;

	library_build_foreign("any.so", _i == 0 ? "-DNVMM_ABI=1 -DROOM=8" :
	    "-DNVMM_ABI=3 -DROOM=8");
	snprintf(library, sizeof(library), "%s/any.so", folder_path());
	report = REPORT(0, "--libnvmm", library, "scenarios/machines.lua",
	    "scenarios/events.lua", "scenarios/locks.lua");
	ck_assert_int_gt(number_in(report, "totals", "passed"), 20);
	json_decref(report);
}
END_TEST

/* --- what they do when they are loaded --- */

START_TEST(a_constructor_reaches_the_device)
{
	json_t *late, *early;

	library_build_foreign("late.so", "");
	library_build_foreign("early.so", "-DEARLY");
	late = run_on("./late.so", 0);
	early = run_on("./early.so", 0);
	ck_assert(json_equal(member(scenario(late, "writes"), "by_ioctl"),
	    member(scenario(early, "writes"), "by_ioctl")));
	ck_assert_int_eq(number_in(scenario(early, "writes"), "by_ioctl",
	    "CAPABILITY"), 1);
	/* Its own nvmm_init(), and ours. */
	ck_assert_int_eq(number_in(scenario(early, "writes"), "by_call",
	    "nvmm_init"), 2);
	json_decref(late);
	json_decref(early);
}
END_TEST

START_TEST(a_library_that_loads_itself_hides_its_inner_calls)
{
	json_t *plain, *self;

	library_build_foreign("plain.so", "");
	library_build_foreign("self.so", "-DSELF");
	plain = run_on("./plain.so", 0);
	self = run_on("./self.so", 0);
	ck_assert_str_eq(option(self, "inner_calls"), "modelled");
	ck_assert(json_equal(member(scenario(plain, "writes"), "by_call"),
	    member(scenario(self, "writes"), "by_call")));
	/* Its setstates can be seen. */
	ck_assert_int_eq(number(scenario(self, "writes"), "modelled"), 1);
	json_decref(plain);
	json_decref(self);
}
END_TEST

/* Ways of hiding inner calls, and how many of the calls below that hides. */
static const struct {
	const char *what, *flags;
	int hidden;
} kinds[] = {
	{ "not at all", "-fsemantic-interposition", 0 },
	{ "linked to itself", "-Wl,-Bsymbolic", 7 },
	{ "its functions linked to itself", "-Wl,-Bsymbolic-functions", 7 },
	{ "inlined", "-O3 -fno-semantic-interposition", 7 },
	{ "optimized by the linker", "-O2 -flto -fno-semantic-interposition",
	    7 },
	{ "protected", "-fvisibility=protected", 7 },
	{ "by addresses", "-DSELF", 5 },
	{ "by addresses, of the assists only", "-DSELF -DHALF", 3 },
	{ "getstates shown only", "-Dnvmm_vcpu_setstate=shown_setstate "
	    "-Wl,--defsym=nvmm_vcpu_setstate=shown_setstate", 2 },
};
#define NKINDS	(sizeof(kinds) / sizeof(kinds[0]))

/* Getstates that hit and miss, 2 setstates, 2 calls that fail. */
static const char inner_calls[] =
    "test(\"inner\", { policy = \"none\" }, function(t) local cpu = t:machine():vcpu(0)\n"
    "for i = 1, 2 do\n"
    "cpu:will(guest.out { port = 0x3f8, size = 1, value = 0x41 }) cpu:run()\n"
    "cpu:assist_io(function(io) cpu:get(\"drs\") end)\n"
    "end\n"
    "cpu:will(guest.hlt()) cpu:run() cpu:gva_to_gpa(0) cpu:gva_to_gpa(0)\n"
    "t:fails(\"EINVAL\", function() cpu:assist_io(function() end) end)\n"
    "cpu:will(guest.write { gpa = 0xfee000b0, size = 4, value = 1 })\n"
    "cpu:run()\n"
    "t:fails(\"ENODEV\", function() cpu:assist_mem(function() end) end)\n"
    "end)\n";

static json_t *
inner_of(const char *library, int hidden)
{
	struct run run;
	json_t *report, *object;

	folder_file("inner.lua", inner_calls);
	run = RUN_HERE("run", "--format", "json", "--libnvmm", library,
	    "inner.lua");
	must_exit(&run, 0, library);
	report = report_parse(run.out);
	run_free(&run);
	ck_assert_str_eq(option(report, "inner_calls"),
	    hidden > 0 ? "modelled" : "seen");
	object = json_incref(scenario_at(report, 0));
	ck_assert_int_eq(number(object, "modelled"), hidden);
	ck_assert_int_eq(json_object_del(object, "modelled"), 0);
	json_decref(report);
	return object;
}

START_TEST(what_a_library_hides_is_counted_all_the_same)
{
	json_t *seen, *hidden;
	char *seen_text, *hidden_text;

	library_build_foreign("seen.so", "-fsemantic-interposition");
	library_build_foreign("hidden.so", kinds[_i].flags);
	seen = inner_of("./seen.so", 0);
	hidden = inner_of("./hidden.so", kinds[_i].hidden);
	seen_text = json_dumps(seen, JSON_INDENT(1));
	hidden_text = json_dumps(hidden, JSON_INDENT(1));
	ck_assert_msg(strcmp(seen_text, hidden_text) == 0, "%s: %s\n%s",
	    kinds[_i].what, seen_text, hidden_text);
	free(seen_text);
	free(hidden_text);
	json_decref(seen);
	json_decref(hidden);
}
END_TEST

START_TEST(every_output_says_what_is_modelled)
{
	static const struct {
		const char *format, *part;
	} parts[] = {
		{ "text", "5 inner calls are modelled: " },
		{ "json", "\"inner_calls\": \"modelled\"" },
		{ "tap", " inner_calls=modelled" },
		{ "junit", "<property name=\"inner_calls\" "
		    "value=\"modelled\"/>" },
	};
	struct run run;
	unsigned i;

	library_build_foreign("hidden.so", "-DSELF");
	folder_file("inner.lua", inner_calls);
	for (i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		run = RUN_HERE("run", "--trace", "--format", parts[i].format,
		    "--libnvmm", "./hidden.so", "inner.lua");
		must_exit(&run, 0, parts[i].format);
		must_have(run.out, parts[i].part, parts[i].format);
		must_have(run.err, "nvmm_assist_io(0, 0) ...\n"
		    "  ioctl VCPU_GETSTATE = 0  wanted=", "trace");
		must_have(run.err,
		    "  nvmm_vcpu_getstate(0, 0, SEGS|GPRS|CRS|MSRS) = 0"
		    "  modelled\nnvmm_assist_io(0, 0) = 0\n", "trace");
		run_free(&run);
	}
}
END_TEST

START_TEST(an_open_without_cloexec_is_refused_as_by_any_kernel)
{
	json_t *report;

	library_build_foreign("flags.so", "-DOPEN_FLAGS=O_RDWR");
	report = run_on("./flags.so", 1);
	must_be(report, "writes", "fail", "nvmm_init failed with EINVAL");
	json_decref(report);
	library_build_foreign("flags.so",
	    "'-DOPEN_FLAGS=O_RDONLY|O_CLOEXEC|O_NONBLOCK'");
	report = run_on("./flags.so", 0);
	json_decref(report);
}
END_TEST

START_TEST(a_library_with_versions_of_its_symbols_shows_its_inner_calls)
{
	char flags[128];
	json_t *report;

	folder_file("map", "LIBNVMM_1.0 { global: nvmm_*; local: *; };\n");
	snprintf(flags, sizeof(flags), "-Wl,--version-script=%s/map",
	    folder_path());
	library_build_foreign("versions.so", flags);
	report = run_on("./versions.so", 0);
	ck_assert_str_eq(option(report, "inner_calls"), "seen");
	ck_assert_int_eq(number_in(scenario(report, "writes"), "by_call",
	    "nvmm_vcpu_getstate"), 1);
	json_decref(report);
}
END_TEST

/* What was known before the probe's process ended is not forgotten. */
START_TEST(a_library_that_crashes_early_keeps_its_generation)
{
	json_t *report;

	library_build_foreign("crash.so", "-DNVMM_ABI=3 -DCRASH=abort");
	report = run_on("./crash.so", 0);
	ck_assert_str_eq(option(report, "abi"), "v3");
	must_be(report, "owns", "pass", "");
	json_decref(report);
}
END_TEST

/* --- files that are no library --- */

static void
must_refuse(const char *library, const char *line)
{
	struct run run;

	folder_file("any.lua", scenarios);
	run = RUN_HERE("run", "--libnvmm", library, "any.lua");
	must_complain(&run, line, library);
	must_have(run.err, library + 1, library);
	ck_assert_str_eq(run.out, "");
	run_free(&run);
}

START_TEST(a_script_for_the_linker_is_refused)
{
	folder_file("script.so", "/* GNU ld script */\n"
	    "GROUP ( libnvmm.so.1 AS_NEEDED ( libzydis.so ) )\n");
	must_refuse("./script.so", "is a script for the linker: give the "
	    "shared library that it names");
}
END_TEST

START_TEST(a_static_library_is_refused)
{
	folder_file("static.a", "!<arch>\n");
	must_refuse("./static.a", "is a static library: link its members into "
	    "a shared one, with cc -shared -Wl,--whole-archive");
}
END_TEST

/* An ELF header and nothing behind it. */
static const struct {
	const char *what;
	uint8_t class;
	uint16_t type, machine;
	uint64_t sections;
	const char *line;
} headers[] = {
#ifdef __x86_64__
	{ "AArch64", ELFCLASS64, ET_DYN, EM_AARCH64, 0, "is for AArch64: "
	    "build it for x86-64, as this program is" },
	{ "ARM", ELFCLASS32, ET_DYN, EM_ARM, 0, "is for 32-bit ARM: " },
	{ "RISC-V", ELFCLASS64, ET_DYN, EM_RISCV, 0, "is for RISC-V: " },
	{ "POWER", ELFCLASS64, ET_DYN, EM_PPC64, 0, "is for 64-bit POWER: " },
	{ "any other", ELFCLASS64, ET_DYN, EM_S390, 0, "is for another "
	    "processor: build it for x86-64" },
	{ "32 bits", ELFCLASS32, ET_DYN, EM_386, 0, "is for 32-bit x86: "
	    "build it for x86-64, as this program is" },
	{ "x32", ELFCLASS32, ET_DYN, EM_X86_64, 0, "is a 32-bit library: "
	    "build it for 64 bits, as this program is" },
	{ "an object", ELFCLASS64, ET_REL, EM_X86_64, 0, "is an object file: "
	    "link it into a shared library, with cc -shared" },
	{ "a program", ELFCLASS64, ET_EXEC, EM_X86_64, 0, "is a program: "
	    "give the shared library that it uses" },
	{ "half a file", ELFCLASS64, ET_DYN, EM_X86_64, 4096, "is not all "
	    "there: copy or build it again" },
#else
	{ "x86-64", ELFCLASS64, ET_DYN, EM_X86_64, 0, "is for x86-64: "
	    "build it for " },
#endif
};
#define NHEADERS	(sizeof(headers) / sizeof(headers[0]))

START_TEST(a_file_for_something_else_is_refused)
{
	Elf64_Ehdr header = {
		.e_ident = { ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3,
		    headers[_i].class, ELFDATA2LSB, EV_CURRENT },
		.e_type = headers[_i].type, .e_machine = headers[_i].machine,
		.e_shoff = headers[_i].sections,
	};

	folder_bytes("header.so", &header, sizeof(header));
	must_refuse("./header.so", headers[_i].line);
}
END_TEST

START_TEST(a_program_is_no_library)
{
	struct run run;

	folder_file("main.c", "int main(void) { return 0; }\n");
	run = run_shell(folder_path(), "${CC:-cc} -pie -fPIE -o main.so main.c && "
	    "mkfifo pipe.so");
	must_exit(&run, 0, "cc");
	run_free(&run);
	must_refuse("./main.so", "is a program: give the shared library that "
	    "it uses");
	must_refuse("./pipe.so", "is no shared library");
}
END_TEST

START_TEST(a_library_whose_own_library_is_missing_is_refused)
{
	char flags[256];
	struct run run;

	folder_file("other.c", "int other(void) { return 0; }\n");
	run = run_shell(folder_path(),
	    "${CC:-cc} -shared -fPIC -Wl,-soname,libother.so.7 -o libother.so "
	    "other.c");
	must_exit(&run, 0, "cc");
	run_free(&run);
	snprintf(flags, sizeof(flags), "-L%s -Wl,--no-as-needed -lother",
	    folder_path());
	library_build_foreign("needs.so", flags);
	must_refuse("./needs.so", "needs.so needs libother.so.7, which is not "
	    "found here: build it on this system, or put that one's folder "
	    "into LD_LIBRARY_PATH");
}
END_TEST

Suite *
foreign_suite(void)
{
	Suite *suite = suite_create("foreign libraries");
	TCase *tcase = case_new(suite, "foreign libraries");

	tcase_add_loop_test(tcase, a_library_of_any_generation_runs, 0,
	    NGENERATIONS);
	tcase_add_loop_test(tcase, nobody_touches_what_lies_behind_a_vcpu, 0,
	    2);
	tcase_add_test(tcase, a_constructor_reaches_the_device);
	tcase_add_test(tcase,
	    a_library_that_loads_itself_hides_its_inner_calls);
	tcase_add_loop_test(tcase,
	    what_a_library_hides_is_counted_all_the_same, 0, NKINDS);
	tcase_add_test(tcase, every_output_says_what_is_modelled);
	tcase_add_test(tcase,
	    an_open_without_cloexec_is_refused_as_by_any_kernel);
	tcase_add_test(tcase,
	    a_library_with_versions_of_its_symbols_shows_its_inner_calls);
	tcase_add_test(tcase,
	    a_library_that_crashes_early_keeps_its_generation);
	tcase_add_test(tcase, a_script_for_the_linker_is_refused);
	tcase_add_test(tcase, a_static_library_is_refused);
	tcase_add_loop_test(tcase, a_file_for_something_else_is_refused, 0,
	    NHEADERS);
	tcase_add_test(tcase, a_program_is_no_library);
	tcase_add_test(tcase,
	    a_library_whose_own_library_is_missing_is_refused);
	return suite;
}
