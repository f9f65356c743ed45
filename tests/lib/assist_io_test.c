/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * nvmm_assist_io: each promise of the I/O assist, and that a failure leaves
 * no trace.
 */
#include <errno.h>
#include <string.h>

#include "fixture.h"

#define PORT	0x3F8
#define NPC	0x7777
#define BUFFER	0x20000	/* in RAM, behind DS and ES in long mode */

static uint64_t *rax, *rcx, *rsi, *rdi, *rip;

/* An exit for the instruction; string ones have 8-byte addresses. */
static struct nvmm_x86_exit_io *
exit_io(bool in, uint8_t size, bool str, bool rep)
{
	struct nvmm_x86_exit_io *io = &fx.vcpu.exit->u.io;

	fx.vcpu.exit->reason = NVMM_VCPU_EXIT_IO;
	io->in = in;
	io->port = PORT;
	io->seg = in ? NVMM_X64_SEG_ES : NVMM_X64_SEG_DS;
	io->address_size = 8;
	io->operand_size = size;
	io->rep = rep;
	io->str = str;
	io->npc = NPC;
	rax = &fx.gprs[NVMM_X64_GPR_RAX];
	rcx = &fx.gprs[NVMM_X64_GPR_RCX];
	rsi = &fx.gprs[NVMM_X64_GPR_RSI];
	rdi = &fx.gprs[NVMM_X64_GPR_RDI];
	rip = &fx.gprs[NVMM_X64_GPR_RIP];
	*rsi = *rdi = BUFFER;
	return io;
}

/* A string exit as the processor gives it in the current mode. */
static struct nvmm_x86_exit_io *
exit_string(bool in, uint8_t size, bool rep, uint8_t address_size)
{
	struct nvmm_x86_exit_io *io = exit_io(in, size, true, rep);

	io->address_size = address_size;
	return io;
}

static void
expect_success(const char *name)
{
	int result;

	errno = 0;
	result = nvmm_assist_io(&fx.mach, &fx.vcpu);
	ck_assert_msg(result == 0, "%s: errno %d", name, errno);
	ck_assert_msg(errno == 0, "%s: errno touched", name);
	ck_assert_msg(fx.comm->state_commit == NVMM_X64_STATE_GPRS,
	    "%s: the commit is not that of GPRS", name);
}

static void
expect_failure(const char *name, int error)
{
	fixture_snapshot();
	ck_assert_msg(nvmm_assist_io(&fx.mach, &fx.vcpu) == -1, "%s: succeeds",
	    name);
	ck_assert_msg(errno == error, "%s: errno %d", name, errno);
	fixture_expect_unchanged(name);
	ck_assert_msg(fx.nio == 0, "%s: the device was asked", name);
}

START_TEST(another_exit_reason_is_refused_before_any_state_is_fetched)
{
	exit_io(false, 1, false, false);
	fx.vcpu.exit->reason = NVMM_VCPU_EXIT_MEMORY;
	fx.comm->state_cached = 0;
	expect_failure("reason", EINVAL);
	ck_assert_uint_eq(fx.nioctls, 0);
}
END_TEST

START_TEST(without_an_io_callback_it_is_refused)
{
	exit_io(false, 1, false, false);
	fx.vcpu.cbs.io = NULL;
	expect_failure("no callback", EINVAL);
	exit_io(false, 1, true, true);
	*rcx = 0;
	expect_failure("no callback, nothing to do", EINVAL);
}
END_TEST

static const struct {
	const char *name;
	uint8_t operand, address;
	int8_t seg;
} nonsense[] = {
	{ "operand of 0 bytes", 0, 8, 0 }, { "of 3", 3, 8, 0 },
	{ "of 8", 8, 8, 0 }, { "of 255", 255, 8, 0 },
	{ "address of 0 bytes", 1, 0, 0 }, { "of 1", 1, 1, 0 },
	{ "of 16", 1, 16, 0 }, { "segment -2", 1, 8, -2 },
	{ "the GDT as a segment", 1, 8, NVMM_X64_SEG_GDT },
};

START_TEST(an_exit_that_no_processor_makes_is_refused)
{
	struct nvmm_x86_exit_io *io = exit_io(false, 1, true, false);

	io->operand_size = nonsense[_i].operand;
	io->address_size = nonsense[_i].address;
	io->seg = nonsense[_i].seg;
	expect_failure(nonsense[_i].name, EINVAL);
}
END_TEST

START_TEST(what_means_nothing_without_a_string_is_not_looked_at)
{
	struct nvmm_x86_exit_io *io = exit_io(false, 1, false, false);

	io->seg = 77;
	io->address_size = 0;
	expect_success("out");
	ck_assert_uint_eq(fx.nio, 1);
}
END_TEST

START_TEST(it_fetches_four_components_at_once_and_commits_one)
{
	exit_io(false, 1, false, false);
	fx.comm->state_cached = 0;
	expect_success("out");
	ck_assert_uint_eq(fx.nioctls, 1);
	ck_assert_uint_eq(fx.comm->state_wanted, NVMM_X64_STATE_GPRS |
	    NVMM_X64_STATE_SEGS | NVMM_X64_STATE_CRS | NVMM_X64_STATE_MSRS);
	ck_assert_uint_eq(fx.comm->state_cached, NVMM_X64_STATE_GPRS);
}
END_TEST

START_TEST(translating_a_string_fetches_nothing_more)
{
	fixture_long_mode();
	exit_string(true, 4, true, 8);
	*rcx = 8;
	fx.comm->state_cached = 0;
	expect_success("ins");
	ck_assert_uint_eq(fx.nioctls, 1);
}
END_TEST

START_TEST(the_errno_of_getstate_comes_out)
{
	exit_io(false, 1, false, false);
	fx.comm->state_cached = 0;
	fx.ioctl_error = ENOENT;
	fixture_snapshot();
	ck_assert_int_eq(nvmm_assist_io(&fx.mach, &fx.vcpu), -1);
	ck_assert_int_eq(errno, ENOENT);
	ck_assert_uint_eq(fx.nio, 0);
}
END_TEST

static const struct {
	const char *name;
	uint8_t size;
	uint64_t out;	/* what the port sees of 0x1122334455667788 */
	uint64_t in;	/* what RAX becomes */
} widths[] = {
	{ "AL", 1, 0x88, 0x11223344556677A1 },
	{ "AX", 2, 0x7788, 0x112233445566A2A1 },
	{ "EAX", 4, 0x55667788, 0xA4A3A2A1 },
};

START_TEST(out_gives_the_low_bytes_of_rax_to_the_port)
{
	exit_io(false, widths[_i].size, false, false);
	*rax = 0x1122334455667788;
	expect_success(widths[_i].name);
	ck_assert_uint_eq(fx.nio, 1);
	ck_assert_uint_eq(fx.io[0].where, PORT);
	ck_assert(fx.io[0].write);
	ck_assert_msg(fx.io[0].value == widths[_i].out, "%s", widths[_i].name);
	ck_assert_msg(fx.io[0].size == widths[_i].size, "%s", widths[_i].name);
	ck_assert_uint_eq(*rax, 0x1122334455667788);
	ck_assert_uint_eq(*rip, NPC);
}
END_TEST

START_TEST(in_keeps_the_rest_of_rax_and_4_bytes_clear_it)
{
	exit_io(true, widths[_i].size, false, false);
	*rax = 0x1122334455667788;
	fx.port_next = 0xA1;
	expect_success(widths[_i].name);
	ck_assert_uint_eq(fx.nio, 1);
	ck_assert(!fx.io[0].write);
	ck_assert_msg(*rax == widths[_i].in, "%s: %#lx", widths[_i].name,
	    (unsigned long)*rax);
	ck_assert_uint_eq(*rip, NPC);
}
END_TEST

START_TEST(rep_with_count_0_only_moves_rip)
{
	exit_string(true, 1, true, 2);
	*rcx = 0xFFFF0000;	/* CX is 0 */
	*rdi = 0x5555;
	expect_success("rep ins");
	ck_assert_uint_eq(fx.nio, 0);
	ck_assert_uint_eq(*rip, NPC);
	ck_assert_uint_eq(*rcx, 0xFFFF0000);
	ck_assert_uint_eq(*rdi, 0x5555);
}
END_TEST

START_TEST(rep_with_count_0_looks_at_no_segment)
{
	exit_string(false, 1, true, 4);
	*rcx = 0xFFFFFFFF00000000;	/* ECX is 0 */
	fx.state->segs[NVMM_X64_SEG_DS].attrib.p = 0;
	expect_success("rep outs");
	ck_assert_uint_eq(*rip, NPC);
}
END_TEST

/* In long mode from BUFFER, REP, DF clear. */
static const struct {
	const char *name;
	uint8_t size;
	uint64_t count;
	unsigned moved;	/* elements */
} batches[] = {
	{ "one", 1, 1, 1 },
	{ "bytes that all fit", 1, 32, 32 },
	{ "more bytes", 1, 33, 32 },
	{ "words that all fit", 2, 16, 16 },
	{ "more words", 2, 100, 16 },
	{ "doublewords that all fit", 4, 8, 8 },
	{ "more doublewords", 4, 9, 8 },
	{ "the largest count", 4, UINT64_MAX, 8 },
};

START_TEST(outs_reads_a_batch_once_and_calls_for_each_element)
{
	uint64_t left = batches[_i].count - batches[_i].moved;
	uint64_t start = NPC - 2;
	uint8_t size = batches[_i].size;
	unsigned i;

	fixture_long_mode();
	for (i = 0; i < 64; i++)
		fx.ram[BUFFER + i] = (uint8_t)i;
	exit_string(false, size, true, 8);
	*rcx = batches[_i].count;
	*rip = start;
	expect_success(batches[_i].name);
	ck_assert_msg(fx.nio == batches[_i].moved, "%s: %u calls",
	    batches[_i].name, fx.nio);
	for (i = 0; i < fx.nio; i++)
		ck_assert_msg(fx.io[i].value == peek(BUFFER + i * size, size),
		    "%s: element %u", batches[_i].name, i);
	ck_assert_msg(*rcx == left, "%s", batches[_i].name);
	ck_assert_uint_eq(*rsi, BUFFER + fx.nio * size);
	ck_assert_uint_eq(*rdi, BUFFER);
	ck_assert_uint_eq(*rip, left == 0 ? NPC : start);
}
END_TEST

START_TEST(ins_calls_for_each_element_and_writes_a_batch_once)
{
	uint64_t left = batches[_i].count - batches[_i].moved;
	unsigned i, bytes = batches[_i].moved * batches[_i].size;

	fixture_long_mode();
	memset(fx.ram + BUFFER, 0xEE, 64);
	exit_string(true, batches[_i].size, true, 8);
	*rcx = batches[_i].count;
	fx.port_next = 1;
	expect_success(batches[_i].name);
	ck_assert_msg(fx.nio == batches[_i].moved, "%s: %u calls",
	    batches[_i].name, fx.nio);
	for (i = 0; i < 64; i++)
		ck_assert_msg(fx.ram[BUFFER + i] == (i < bytes ? i + 1 : 0xEE),
		    "%s: byte %u", batches[_i].name, i);
	ck_assert_msg(*rcx == left, "%s", batches[_i].name);
	ck_assert_uint_eq(*rdi, BUFFER + bytes);
	ck_assert_uint_eq(*rsi, BUFFER);
}
END_TEST

START_TEST(a_batch_to_a_device_is_one_access_of_memory)
{
	fixture_long_mode();
	exit_string(true, 4, true, 8);
	*rcx = 8;
	*rdi = FIXTURE_DEVICE + 8;
	expect_success("ins");
	ck_assert_uint_eq(fx.nmem, 1);
	ck_assert_uint_eq(fx.mem[0].where, FIXTURE_DEVICE + 8);
	ck_assert_uint_eq(fx.mem[0].size, 32);
	ck_assert(fx.mem[0].write);
}
END_TEST

START_TEST(downwards_it_is_one_element_a_call)
{
	fixture_long_mode();
	exit_string(false, 4, true, 8);
	fx.gprs[NVMM_X64_GPR_RFLAGS] |= 0x400;
	*rcx = 3;
	expect_success("first");
	ck_assert_uint_eq(fx.nio, 1);
	ck_assert_uint_eq(*rsi, BUFFER - 4);
	ck_assert_uint_eq(*rcx, 2);
	ck_assert_uint_ne(*rip, NPC);
	expect_success("second");
	expect_success("third");
	ck_assert_uint_eq(*rcx, 0);
	ck_assert_uint_eq(*rip, NPC);
}
END_TEST

START_TEST(without_rep_it_is_one_element_and_rcx_stays)
{
	fixture_long_mode();
	exit_string(false, 2, false, 8);
	*rcx = 0;
	expect_success("outs");
	ck_assert_uint_eq(fx.nio, 1);
	ck_assert_uint_eq(*rsi, BUFFER + 2);
	ck_assert_uint_eq(*rcx, 0);
	ck_assert_uint_eq(*rip, NPC);
}
END_TEST

/* In real mode, from a base of 0x20000; the upper bits are not looked at. */
static const struct {
	const char *name;
	uint8_t address_size;
	uint64_t rdi, rcx;
	uint64_t new_rdi, new_rcx;
} address_sizes[] = {
	{ "2 bytes", 2, 0xAAAAAAAAAAAA0100, 0xBBBBBBBBBBBB0021,
	    0xAAAAAAAAAAAA0120, 0xBBBBBBBBBBBB0001 },
	{ "4 bytes", 4, 0xAAAAAAAA00000100, 0xBBBBBBBB00000021,
	    0xAAAAAAAA00000120, 0xBBBBBBBB00000001 },
	{ "2 bytes up to the wrap", 2, 0xAAAAFFF0, 0xBBBB0021,
	    0xAAAA0000, 0xBBBB0011 },
};

START_TEST(only_address_size_bytes_of_registers_are_used_and_changed)
{
	exit_string(true, 1, true, address_sizes[_i].address_size);
	fx.state->segs[NVMM_X64_SEG_ES].base = BUFFER;
	*rdi = address_sizes[_i].rdi;
	*rcx = address_sizes[_i].rcx;
	fx.port_next = 1;
	expect_success(address_sizes[_i].name);
	ck_assert_uint_eq(fx.ram[BUFFER + (address_sizes[_i].rdi & 0xFFFF)],
	    1);
	ck_assert_msg(*rdi == address_sizes[_i].new_rdi, "%s: RDI %#lx",
	    address_sizes[_i].name, (unsigned long)*rdi);
	ck_assert_msg(*rcx == address_sizes[_i].new_rcx, "%s: RCX %#lx",
	    address_sizes[_i].name, (unsigned long)*rcx);
}
END_TEST

Suite *
assist_io_suite(void)
{
	Suite *suite = suite_create("assist_io");
	TCase *tc = fixture_tcase("registers");
	int nwidths = sizeof(widths) / sizeof(widths[0]);
	int nbatches = sizeof(batches) / sizeof(batches[0]);

	suite_add_tcase(suite, tc);
	tcase_add_test(tc,
	    another_exit_reason_is_refused_before_any_state_is_fetched);
	tcase_add_test(tc, without_an_io_callback_it_is_refused);
	tcase_add_loop_test(tc, an_exit_that_no_processor_makes_is_refused, 0,
	    sizeof(nonsense) / sizeof(nonsense[0]));
	tcase_add_test(tc,
	    what_means_nothing_without_a_string_is_not_looked_at);
	tcase_add_test(tc, it_fetches_four_components_at_once_and_commits_one);
	tcase_add_test(tc, translating_a_string_fetches_nothing_more);
	tcase_add_test(tc, the_errno_of_getstate_comes_out);
	tcase_add_loop_test(tc, out_gives_the_low_bytes_of_rax_to_the_port, 0,
	    nwidths);
	tcase_add_loop_test(tc, in_keeps_the_rest_of_rax_and_4_bytes_clear_it,
	    0, nwidths);

	tc = fixture_tcase("strings");
	suite_add_tcase(suite, tc);
	tcase_add_test(tc, rep_with_count_0_only_moves_rip);
	tcase_add_test(tc, rep_with_count_0_looks_at_no_segment);
	tcase_add_loop_test(tc,
	    outs_reads_a_batch_once_and_calls_for_each_element, 0, nbatches);
	tcase_add_loop_test(tc,
	    ins_calls_for_each_element_and_writes_a_batch_once, 0, nbatches);
	tcase_add_test(tc, a_batch_to_a_device_is_one_access_of_memory);
	tcase_add_test(tc, downwards_it_is_one_element_a_call);
	tcase_add_test(tc, without_rep_it_is_one_element_and_rcx_stays);
	tcase_add_loop_test(tc,
	    only_address_size_bytes_of_registers_are_used_and_changed, 0,
	    sizeof(address_sizes) / sizeof(address_sizes[0]));
	return suite;
}
