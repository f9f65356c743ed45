/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Fetching and decoding: bytes that are no instruction, instructions that
 * cross a page or an end of code, and code that changes.
 */
#include "guest.h"

#define UD	6
#define GP	13
#define END	0x1FFEU		/* two bytes before a page ends */
#define LAST	(RAM - 2)	/* two bytes before RAM ends */

static const struct row rows[] = {
	{ "LOCK before a register", LONG, 0, BYTES(0xF0, 0x01, 0xC0),
	    .end = FAULTS, .vector = UD },
	{ "LOCK before MOV", PROT, 0, BYTES(0xF0, 0x89, 0x03), .end = FAULTS,
	    .vector = UD },
	{ "no opcode of long mode", LONG, 0, BYTES(0x06), .end = FAULTS,
	    .vector = UD },
	{ "an instruction without a handler", LONG, 0,
	    BYTES(0x0F, 0x58, 0xC0), .end = FAULTS, .vector = UD },
	{ "EVEX", LONG, 0, BYTES(0x62, 0xF1, 0x7C, 0x48, 0x28, 0xC0),
	    .end = FAULTS, .vector = UD },
	{ "too many prefixes", LONG, 0, BYTES(0x66, 0x66, 0x66, 0x66, 0x66,
	    0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66),
	    .end = FAULTS, .vector = GP },
	{ "15 bytes", LONG, 0, BYTES(0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66,
	    0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x90) },
	{ "across a page", LONG, 0, BYTES(0xB8, 0x44, 0x33, 0x22, 0x11),
	    .in = { R(RIP, END), M(5, END, 0x11223344B8) },
	    .out = { R(RAX, 0x11223344) } },
	{ "across a page in 32 bits", PROT, 0,
	    BYTES(0xB8, 0x44, 0x33, 0x22, 0x11),
	    .in = { R(RIP, END), M(5, END, 0x11223344B8) },
	    .out = { R(RAX, 0x11223344) } },
	{ "no instruction across a page", LONG, 0, BYTES(0x0F, 0x0B),
	    .in = { R(RIP, END + 1), M(2, END + 1, 0x0B0F) }, .end = FAULTS,
	    .vector = UD },
	{ "the last bytes of a page", LONG, 0, BYTES(0x89, 0xC8),
	    .in = { R(RIP, END), M(2, END, 0xC889), R(RCX, 7) },
	    .out = { R(RAX, 7) } },
	{ "beyond CS's limit", PROT, 0, BYTES(0x90),
	    .in = { R(RIP, DATA), LIMIT(CS, DATA - 1) }, .end = FAULTS,
	    .vector = GP },
	{ "half beyond CS's limit", PROT, 0, BYTES(0x89, 0xC8),
	    .in = { LIMIT(CS, CODE) }, .end = FAULTS, .vector = GP },
	{ "beyond CS's limit, across a page", PROT, 0,
	    BYTES(0xB8, 0x44, 0x33, 0x22, 0x11),
	    .in = { R(RIP, END), M(5, END, 0x11223344B8),
	    LIMIT(CS, END + 1) }, .end = FAULTS, .vector = GP },
	{ "the end before CS's limit, across a page", PROT, 0,
	    BYTES(0xB8, 0x44, 0x33, 0x22, 0x11),
	    .in = { R(RIP, END), M(5, END, 0x11223344B8),
	    LIMIT(CS, END + 3) }, .end = FAULTS, .vector = GP },
	{ "no canonical RIP", LONG, 0, BYTES(0x90),
	    .in = { R(RIP, 1ULL << 47) }, .end = FAULTS, .vector = GP },
	{ "XCHG of R8 is no PAUSE", LONG, 0, BYTES(0xF3, 0x49, 0x90),
	    .in = { R(RAX, 1), R(R8, 2) }, .out = { R(RAX, 2), R(R8, 1) } },
	{ "SIB without a base, REX.B", LONG, 0,
	    BYTES(0x67, 0x41, 0x8B, 0x04, 0x25, 0, 0x40, 0, 0),
	    .in = { M(4, DATA, 5), R(R13, 0x100) }, .out = { R(RAX, 5) } },
	{ "EIP-relative", LONG, 0, BYTES(0x67, 0x8B, 0x05, 0xF9, 0x2F, 0, 0),
	    .in = { M(4, DATA, 5) }, .out = { R(RAX, 5) } },
};

const struct row_table fetch_tables[] = {
	ROW_TABLE(rows), { NULL, 0 }
};

START_TEST(code_is_what_its_rows_say)
{
	row_check(&rows[_i]);
}
END_TEST

static enum sim_stop_kind
run_once(void *vcpu, struct guest *guest, struct sim_stop *stop)
{
	const struct sim_entry entry = {
		.state = &guest->state, .map = &guest->map,
	};

	sim_engine_interp.run(vcpu, &entry, stop);
	return stop->kind;
}

START_TEST(code_that_ends_at_a_hole_stops_there)
{
	static const uint8_t nop[] = { 0x90 };
	static struct guest guest;
	struct sim_stop stop;
	void *vcpu;

	guest_make(&guest, LONG, 0, nop, sizeof(nop));
	guest.map.ram[LAST] = 0xB8;
	guest.state.gprs[SIM_GPR_RIP] = LAST;
	ck_assert_int_eq(sim_engine_interp.vcpu_create(&vcpu), 0);
	ck_assert_int_eq(run_once(vcpu, &guest, &stop), SIM_STOP_MEMORY);
	ck_assert_int_eq(stop.u.mem.access, SIM_ACCESS_EXEC);
	ck_assert_uint_eq(stop.u.mem.gpa, HOLE);
	guest.state.gprs[SIM_GPR_RIP] = HOLE + 5;
	ck_assert_int_eq(run_once(vcpu, &guest, &stop), SIM_STOP_MEMORY);
	ck_assert_uint_eq(stop.u.mem.gpa, HOLE + 5);
	sim_engine_interp.vcpu_destroy(vcpu);
}
END_TEST

/* The same address, other bytes; then the same bytes in another mode. */
START_TEST(code_that_changes_is_seen)
{
	static const uint8_t out[] = { 0xE6, 0x11 };
	static struct guest guest;
	struct sim_stop stop;
	void *vcpu;

	guest_make(&guest, LONG, 0, out, sizeof(out));
	ck_assert_int_eq(sim_engine_interp.vcpu_create(&vcpu), 0);
	ck_assert_int_eq(run_once(vcpu, &guest, &stop), SIM_STOP_IO);
	ck_assert_uint_eq(stop.u.io.port, 0x11);
	guest.map.ram[CODE + 1] = 0x22;
	ck_assert_int_eq(run_once(vcpu, &guest, &stop), SIM_STOP_IO);
	ck_assert_uint_eq(stop.u.io.port, 0x22);
	guest.map.ram[CODE] = 0x40;	/* INC EAX, or REX before HLT */
	guest.map.ram[CODE + 1] = 0xF4;
	ck_assert_int_eq(run_once(vcpu, &guest, &stop), SIM_STOP_HLT);
	ck_assert_uint_eq(stop.length, 2);
	guest.state.segs[SIM_SEG_CS].attrib ^= SIM_ATTRIB_L | SIM_ATTRIB_DEF;
	ck_assert_int_eq(run_once(vcpu, &guest, &stop), SIM_STOP_HLT);
	ck_assert_uint_eq(stop.length, 1);
	guest.state.gprs[SIM_GPR_RIP] = CODE;
	guest.state.segs[SIM_SEG_CS].attrib ^= SIM_ATTRIB_DEF;
	ck_assert_int_eq(run_once(vcpu, &guest, &stop), SIM_STOP_HLT);
	ck_assert_uint_eq(stop.length, 1);
	sim_engine_interp.vcpu_destroy(vcpu);
}
END_TEST

Suite *
fetch_suite(void)
{
	Suite *suite = suite_create("fetch");
	TCase *tcase = tcase_create("rows");

	tcase_add_loop_test(tcase, code_is_what_its_rows_say, 0, ROWS(rows));
	tcase_add_test(tcase, code_that_ends_at_a_hole_stops_there);
	tcase_add_test(tcase, code_that_changes_is_seen);
	suite_add_tcase(suite, tcase);
	return suite;
}
