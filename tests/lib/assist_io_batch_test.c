/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * nvmm_assist_io on strings: what the callbacks are given and in which order
 * port and memory are touched; and exits that no processor ever made.
 */
#include <errno.h>
#include <string.h>

#include "fixture.h"

#define BUFFER	0x20000

static struct nvmm_x86_exit_io *
exit_string(bool in, uint8_t size, uint64_t count, uint64_t address)
{
	struct nvmm_x86_exit_io *io = &fx.vcpu.exit->u.io;

	fx.vcpu.exit->reason = NVMM_VCPU_EXIT_IO;
	io->in = in;
	io->port = 0x1F0;
	io->seg = in ? NVMM_X64_SEG_ES : NVMM_X64_SEG_DS;
	io->address_size = 8;
	io->operand_size = size;
	io->rep = io->str = true;
	io->npc = 0x7777;
	fx.gprs[NVMM_X64_GPR_RCX] = count;
	fx.gprs[NVMM_X64_GPR_RSI] = fx.gprs[NVMM_X64_GPR_RDI] = address;
	return io;
}

static int
assist(void)
{
	return nvmm_assist_io(&fx.mach, &fx.vcpu);
}

static struct nvmm_io *first_io;
static uint8_t *first_data;
static unsigned ncalls;

/* Each call: the same struct, the port and the size, data one further. */
static void
same_struct_callback(struct nvmm_io *io)
{
	if (ncalls == 0) {
		first_io = io;
		first_data = io->data;
	}
	ck_assert_ptr_eq(io, first_io);
	ck_assert_ptr_eq(io->data, first_data + ncalls * 4);
	ck_assert_uint_eq(io->port, 0x1F0);
	ck_assert_uint_eq(io->size, 4);
	ncalls++;
}

START_TEST(each_call_has_the_same_struct_with_data_advanced)
{
	fixture_long_mode();
	fx.vcpu.cbs.io = same_struct_callback;
	exit_string(_i, 4, 9, BUFFER);
	ck_assert_int_eq(assist(), 0);
	ck_assert_uint_eq(ncalls, 8);
}
END_TEST

/* How often memory's device had been asked when the port was. */
static unsigned accesses_before[64];

static void
order_callback(struct nvmm_io *io)
{
	accesses_before[ncalls++] = fx.nmem;
	memset(io->data, 0, io->size);
}

START_TEST(outs_reads_memory_once_before_the_port_sees_any_of_it)
{
	unsigned i;

	fixture_long_mode();
	fx.vcpu.cbs.io = order_callback;
	exit_string(false, 2, 16, FIXTURE_DEVICE);
	ck_assert_int_eq(assist(), 0);
	ck_assert_uint_eq(ncalls, 16);
	for (i = 0; i < ncalls; i++)
		ck_assert_uint_eq(accesses_before[i], 1);
	ck_assert_uint_eq(fx.nmem, 1);
	ck_assert_uint_eq(fx.mem[0].size, 32);
	ck_assert(!fx.mem[0].write);
}
END_TEST

START_TEST(ins_writes_memory_once_after_the_port_gave_all_of_it)
{
	unsigned i;

	fixture_long_mode();
	fx.vcpu.cbs.io = order_callback;
	exit_string(true, 1, 32, FIXTURE_DEVICE);
	ck_assert_int_eq(assist(), 0);
	ck_assert_uint_eq(ncalls, 32);
	for (i = 0; i < ncalls; i++)
		ck_assert_uint_eq(accesses_before[i], 0);
	ck_assert_uint_eq(fx.nmem, 1);
	ck_assert_uint_eq(fx.mem[0].size, 32);
	ck_assert(fx.mem[0].write);
}
END_TEST

/* A callback that keeps quiet gives zeros, not what was there before. */
static void
silent_callback(struct nvmm_io *io)
{
	(void)io;
}

START_TEST(a_port_that_gives_nothing_gives_zeros)
{
	fixture_long_mode();
	memset(fx.ram + BUFFER, 0xEE, 64);
	fx.vcpu.cbs.io = silent_callback;
	exit_string(true, 4, 8, BUFFER);
	ck_assert_int_eq(assist(), 0);
	ck_assert_uint_eq(peek(BUFFER, 8), 0);
	ck_assert_uint_eq(peek(BUFFER + 24, 8), 0);
	ck_assert_uint_eq(fx.ram[BUFFER + 32], 0xEE);
}
END_TEST

static const struct {
	const char *name;
	uint8_t address_size;
	uint64_t rsi, new_rsi;
} sources[] = {
	{ "2 bytes", 2, 0xAAAAAAAAAAAA0100, 0xAAAAAAAAAAAA0104 },
	{ "4 bytes", 4, 0xAAAAAAAA00000100, 0xAAAAAAAA00000104 },
	{ "2 bytes, wrapping", 2, 0xAAAAAAAAAAAAFFFC, 0xAAAAAAAAAAAA0000 },
};

START_TEST(outs_reads_at_rsi_within_the_width_of_addresses)
{
	struct nvmm_x86_exit_io *io = exit_string(false, 4, 1,
	    sources[_i].rsi);

	fx.state->segs[NVMM_X64_SEG_DS].base = BUFFER;
	poke(BUFFER + (sources[_i].rsi & 0xFFFF), 0x11223344, 4);
	io->address_size = sources[_i].address_size;
	ck_assert_msg(assist() == 0, "%s", sources[_i].name);
	ck_assert_msg(fx.io[0].value == 0x11223344, "%s", sources[_i].name);
	ck_assert_msg(fx.gprs[NVMM_X64_GPR_RSI] == sources[_i].new_rsi,
	    "%s: RSI %#lx", sources[_i].name,
	    (unsigned long)fx.gprs[NVMM_X64_GPR_RSI]);
	ck_assert_uint_eq(fx.gprs[NVMM_X64_GPR_RDI], sources[_i].rsi);
}
END_TEST

START_TEST(an_unknown_segment_of_ins_is_es_whatever_the_prefixes)
{
	static const uint8_t code[] = { 0x65, 0x6C };	/* gs insb */

	memcpy(fx.ram + FIXTURE_CODE, code, sizeof(code));
	fx.state->segs[NVMM_X64_SEG_ES].base = 0x21000;
	fx.state->segs[NVMM_X64_SEG_GS].base = 0x22000;
	fx.port_next = 0x77;
	exit_string(true, 1, 1, 0x40)->seg = -1;
	ck_assert_int_eq(assist(), 0);
	ck_assert_uint_eq(fx.ram[0x21040], 0x77);
	ck_assert_uint_eq(fx.ram[0x22040], 0);
}
END_TEST

/* EFER.LMA decides, not the width of the code. */
START_TEST(compatibility_mode_has_no_limits_and_two_bases)
{
	struct nvmm_x64_state_seg *es, *fs;

	fixture_long_mode();
	fx.state->segs[NVMM_X64_SEG_CS].attrib.l = 0;
	fx.state->segs[NVMM_X64_SEG_CS].attrib.def = 1;
	es = &fx.state->segs[NVMM_X64_SEG_ES];
	fs = &fx.state->segs[NVMM_X64_SEG_FS];
	es->base = 0x1000;
	es->limit = 0;
	es->attrib.p = 0;
	fs->base = 0x1000;
	fx.port_next = 0x77;
	exit_string(true, 1, 1, BUFFER)->address_size = 4;
	ck_assert_int_eq(assist(), 0);
	ck_assert_uint_eq(fx.ram[BUFFER], 0x77);
	fx.ram[BUFFER + 0x1000] = 0x42;
	exit_string(false, 1, 1, BUFFER)->seg = NVMM_X64_SEG_FS;
	ck_assert_int_eq(assist(), 0);
	ck_assert_uint_eq(fx.io[1].value, 0x42);
}
END_TEST

static uint64_t seed;

static uint64_t
chance(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed;
}

/* Often small, near a page's end, or near where addresses wrap. */
static uint64_t
address(void)
{
	static const uint64_t bases[] = {
		0, BUFFER, BUFFER + 0xFE0, 0xFFE0, FIXTURE_RAM_SIZE - 0x20,
		FIXTURE_ROM, FIXTURE_DEVICE, 0xFFFFFFE0, 0x7FFFFFFFFFE0,
		0xFFFFFFFFFFFFFFE0,
	};

	return bases[chance() % (sizeof(bases) / sizeof(bases[0]))] +
	    chance() % 0x40;
}

static void
exit_random(void)
{
	struct nvmm_x86_exit_io *io = &fx.vcpu.exit->u.io;
	uint64_t r = chance();

	fx.vcpu.exit->reason = NVMM_VCPU_EXIT_IO;
	io->in = r & 1;
	io->rep = r & 2;
	io->str = r & 4;
	io->port = (uint16_t)(r >> 8);
	io->seg = (int8_t)(r >> 24 & 8 ? r >> 32 : r >> 24 & 7);
	io->operand_size = (uint8_t)(r & 8 ? 1U << (r >> 40 & 3) : r >> 48);
	io->address_size = (uint8_t)(r & 16 ? 2U << (r >> 44 & 3) : r >> 56);
	io->npc = chance();
	fx.gprs[NVMM_X64_GPR_RCX] = chance() >> (chance() % 64);
	fx.gprs[NVMM_X64_GPR_RSI] = address();
	fx.gprs[NVMM_X64_GPR_RDI] = address();
	fx.gprs[NVMM_X64_GPR_RIP] = address();
	fx.gprs[NVMM_X64_GPR_RFLAGS] = chance() & 0x402;
	fx.state->segs[chance() % 6].limit = (uint32_t)address();
	fx.state->segs[chance() % 6].base = address();
	fx.state->segs[chance() % 6].attrib.p = chance() & 1;
}

START_TEST(exits_that_no_processor_makes_do_no_harm)
{
	static const int errors[] = { 0, EINVAL, EFAULT };
	unsigned i, j, seen[3] = { 0, 0, 0 };
	int error;

	seed = 88172645463325252 + (unsigned)_i;
	if (_i == 1)
		fixture_protected_mode();
	if (_i == 2)
		fixture_long_mode();
	for (i = 0; i < fixture_count(20000); i++) {
		exit_random();
		fx.nio = fx.nmem = 0;
		fixture_snapshot();
		error = assist() == 0 ? 0 : errno;
		if (error != 0)
			fixture_expect_unchanged("random");
		for (j = 0; j < 3 && errors[j] != error; j++)
			continue;
		ck_assert_msg(j < 3, "errno %d", error);
		seen[j]++;
	}
	ck_assert(seen[0] > 0 && seen[1] > 0 && seen[2] > 0);
}
END_TEST

static void
begin(void)
{
	ncalls = 0;
}

Suite *
assist_io_batch_suite(void)
{
	Suite *suite = suite_create("assist_io_batch");
	TCase *tc = fixture_tcase("batches");

	suite_add_tcase(suite, tc);
	tcase_set_timeout(tc, 60);
	tcase_add_checked_fixture(tc, begin, NULL);
	tcase_add_loop_test(tc,
	    each_call_has_the_same_struct_with_data_advanced, 0, 2);
	tcase_add_test(tc,
	    outs_reads_memory_once_before_the_port_sees_any_of_it);
	tcase_add_test(tc,
	    ins_writes_memory_once_after_the_port_gave_all_of_it);
	tcase_add_test(tc, a_port_that_gives_nothing_gives_zeros);
	tcase_add_loop_test(tc,
	    outs_reads_at_rsi_within_the_width_of_addresses, 0,
	    sizeof(sources) / sizeof(sources[0]));
	tcase_add_test(tc,
	    an_unknown_segment_of_ins_is_es_whatever_the_prefixes);
	tcase_add_test(tc, compatibility_mode_has_no_limits_and_two_bases);
	tcase_add_loop_test(tc, exits_that_no_processor_makes_do_no_harm, 0,
	    3);
	return suite;
}
