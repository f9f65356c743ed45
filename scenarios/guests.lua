-- Programs of scenarios/guests, executed: each through libnvmm, as a VMM would.

local SERIAL = 0x3f8

-- A machine with RAM, a program in it, and a VCPU about to execute it.
local function machine(t, name, size)
	local vm = t:machine()
	local ram = vm:ram { gpa = 0, size = size or 0x100000 }
	local length = vm:program { name = name, gpa = 0x7c00 }
	return vm, vm:vcpu(0):boot { at = 0x7c00 }, ram, length
end

-- A serial port that keeps what it gets.
local function serial(t)
	local line = { text = "" }
	function line.io(io)
		t:expect(io.port, SERIAL)
		t:expect(io.input, false)
		line.text = line.text .. io.data
	end
	return line
end

test("a guest says hello in real mode", { engine = "interp" }, function(t)
	local vm, cpu = machine(t, "hello16")
	local line = serial(t)

	t:expect(cpu:serve { io = line.io }, "halted")
	t:note(line.text)
	t:expect(line.text, "hello from real mode\nand by REP OUTSB\n")
	t:ioctls { VCPU_RUN = 23 }
end)

-- Guests that print, and halt.
local printed = {
	{ "hello32", "hello from protected mode\n" ..
	    "through segments of my own\n" },
	{ "hellopae", "hello through a page of 4 MiB\n" ..
	    "hello through PAE and a page of 4 KiB\n" ..
	    "accessed, and not dirty\n" },
	{ "hello64", ("hello from long mode\n"):rep(4) .. "00000020\n" },
}
for _, row in ipairs(printed) do
	test("a guest prints what it should: " .. row[1], { engine = "interp" },
	    function(t)
		local vm, cpu = machine(t, row[1])
		local line = serial(t)

		t:expect(cpu:serve { io = line.io }, "halted")
		t:expect(line.text, row[2])
		t:ioctls { VCPU_RUN = #row[2] + 1 }
	end)
end

-- What there is of a PC for the timer guest.
local PIC, EOI, PIT = 0x20, 0x20, 0x40

local function pc(t)
	local board = { text = "", pic = "", pit = "", eois = 0,
	    busy = false }
	function board.io(io)
		if io.port == SERIAL then
			board.text = board.text .. io.data
		elseif io.port == PIC and io.data:byte() == EOI then
			t:expect(board.busy, true, "an interrupt in service")
			board.busy = false
			board.eois = board.eois + 1
		elseif io.port & ~0x81 == PIC then
			board.pic = board.pic .. io.data
		else
			t:expect(io.port & ~3, PIT)
			board.pit = board.pit .. io.data
		end
	end
	return board
end

test("a timer's interrupts reach a guest asleep and at work",
    { engine = "interp" }, function(t)
	local vm, cpu, ram, size = machine(t, "timer")
	local board = pc(t)
	local halts, windows = 0, 0

	local function tick()
		t:expect(board.busy, false, "an interrupt in service")
		board.busy = true
		cpu:inject { type = "intr", vector = 0x20 }
		-- The guest goes to work: leave it some time for that.
		if board.eois >= 4 and board.eois < 9 then
			cpu:host("signal", 20)
		end
	end

	while true do
		local reason = cpu:serve { io = board.io }
		if reason == "none" then
			cpu:get("intr")
			cpu:set { int_window_exiting = 1 }
		elseif reason == "int_ready" then
			windows = windows + 1
			tick()
		else
			t:expect(reason, "halted")
			if cpu.exit.rflags & 0x200 == 0 then break end
			halts = halts + 1
			tick()
		end
	end
	t:expect(halts, 5)
	t:expect(windows, 5)
	t:expect(board.text, "abcdefghij")
	t:expect(board.eois, 10)
	t:expect(board.pic, "\x11\x11\x20\x28\x04\x02\x01\x01\xfe")
	t:expect(board.pit, "\x34\x9c\x2e")
	t:expect(string.unpack("<I4", ram:read(0x7c00 + size - 4, 4)) > 10000,
	    true, "work between the ticks")
	t:ioctls { VCPU_RUN = 48, VCPU_GETSTATE = 5 }
end)

-- A device of 4 KiB that keeps what is written, and counts.
local DEVICE = 0xfed00000

local function device(t)
	local dev = { reads = 0, writes = 0, bytes = 0, cells = {} }
	function dev.mem(mem)
		local at = mem.gpa - DEVICE
		t:expect(at >= 0 and at + mem.size <= 0x1000, true)
		dev.bytes = dev.bytes + mem.size
		if mem.write then
			dev.writes = dev.writes + 1
			for i = 1, mem.size do
				dev.cells[at + i] = mem.data:byte(i)
			end
			return
		end
		dev.reads = dev.reads + 1
		local answer = {}
		for i = 1, mem.size do
			answer[i] = string.char(dev.cells[at + i] or 0)
		end
		return table.concat(answer)
	end
	return dev
end

test("a guest exercises a memory-mapped device", { engine = "interp" },
    function(t)
	local vm, cpu = machine(t, "mmio")
	local line, dev = serial(t), device(t)

	t:expect(cpu:serve { io = line.io, mem = dev.mem }, "halted")
	t:expect(line.text, "88776655\n10ddcb79\n" ..	-- loads of all sizes
	    "00000000\n011b3788\n" ..		-- read, modify, write
	    "a5a5a5a7\n4b4b4b4b\n")		-- strings
	t:expect(dev.reads, 40)
	t:expect(dev.writes, 24)
	t:expect(dev.bytes, 194)
	t:ioctls { VCPU_RUN = 53 + #line.text + 1 }
end)

-- What the prober finds: the made-up processors, as NVMM lets guests see them.
local found = {
	svm = [[
00000000: 0000000d 68747541 444d4163 69746e65
00000001: 00800f12 00010800 e6d83203 178bab7f
00000002: 00000000 00000000 00000000 00000000
00000004: 00000000 00000000 00000000 00000000
00000007: 00000000 009c0189 00000000 00000000
0000000b: 00000000 00000000 00000000 00000000
0000000d: 00000003 000000ac 00000240 00000000
0000000d: 00000007 00000000 00000000 00000000
40000000: 40000000 205f5f5f 4d4d564e 5f5f5f20
7fffffff: 00000003 000000ac 00000240 00000000
80000000: 8000001f 68747541 444d4163 69746e65
80000001: 00800f12 40000000 004201f3 27d3ab7f
80000002: 6d6d766e 6d69732d 4d565320 6f727020
80000003: 73736563 0000726f 00000000 00000000
80000007: 00000000 00000000 00000000 00000100
80000008: 00003030 00000005 00007000 00000000
0000001b: 00000000 fee00900
0000008b: 00000000 00000000
0000010a: #GP
00000174: 00000000 00000000
000001a0: #GP
00000277: 00070406 00070406
000002ff: #GP
c0000080: 00000000 00000d01
c0000081: 00000000 00000000
c0000082: 00000000 00000000
c0000100: 00000000 00000000
c0000102: 00000000 00000000
c001001f: 00400000 00000000
deadbeef: #GP
]],
	vmx = [[
00000000: 00000016 756e6547 6c65746e 49656e69
00000001: 000506e3 00010800 e6d83203 9f8bab7f
00000002: 76036301 00f0b5ff 00000000 00c30000
00000004: 00000121 01c0003f 0000003f 00000000
00000007: 00000000 009c2789 00000000 00000400
0000000b: 00000000 00000001 00000201 00000000
0000000d: 00000003 000000ac 00000240 00000000
0000000d: 00000007 00000000 00000000 00000000
40000000: 40000000 205f5f5f 4d4d564e 5f5f5f20
7fffffff: 00000d48 00001068 00000064 00000000
80000000: 80000008 00000000 00000000 00000000
80000001: 00000000 00000000 00000121 24100800
80000002: 6d6d766e 6d69732d 584d5620 6f727020
80000003: 73736563 0000726f 00000000 00000000
80000007: 00000000 00000000 00000000 00000100
80000008: 00003027 00000000 00000000 00000000
0000001b: 00000000 fee00900
0000008b: 00000000 00000000
0000010a: #GP
00000174: 00000000 00000000
000001a0: 00000000 00801809
00000277: 00070406 00070406
000002ff: #GP
c0000080: 00000000 00000d01
c0000081: 00000000 00000000
c0000082: 00000000 00000000
c0000100: 00000000 00000000
c0000102: 00000000 00000000
c001001f: #GP
deadbeef: #GP
]],
}
local asked_for = {
	svm = "1b 10a 1a0 2ff deadbeef", vmx = "1b 2ff c001001f deadbeef",
}

test("a guest looks at CPUID and MSRs", { engine = "interp" }, function(t)
	local vm, cpu = machine(t, "probe")
	local line, asked = serial(t), {}

	local function rdmsr(msr)
		asked[#asked + 1] = string.format("%x", msr)
		if msr == 0x1b then return 0xfee00900 end
	end
	t:expect(cpu:serve { io = line.io, rdmsr = rdmsr }, "halted")
	-- The clock depends on the way here.
	local text, clocks = line.text:gsub("00000010: %x+ %x+\n", "")
	t:expect(clocks, 1)
	t:expect(text, found[t.cpu])
	t:expect(table.concat(asked, " "), asked_for[t.cpu])
	t:ioctls { VCPU_RUN = #line.text + #asked + 1 }
end)

test("four VCPUs count together", { engine = "interp" }, function(t)
	local vm = t:machine()
	vm:ram { gpa = 0, size = 0x100000 }
	vm:program { name = "smp", gpa = 0x7c00 }
	local line, cpus = serial(t), {}
	for i = 0, 3 do
		local cpu = vm:vcpu(i):boot { at = 0x7c00 }
		cpu:get("gprs")
		cpu:set { rdi = i }
		cpus[i + 1] = cpu
	end

	local reasons = vm:run_together { cpus = cpus, io = line.io }
	t:expect(table.concat(reasons, " "), "halted halted halted halted")
	t:expect(line.text, "tickets 4\n" .. "by XADD 20000\n" ..
	    "by INC 20000\n" .. "by CMPXCHG 60000\n" ..
	    "under the lock 20000\n" .. "minus 4294947296\n" ..
	    "bits won 1024\n")
	t:ioctls { VCPU_RUN = 4 + #line.text }
end)

test("a guest tests its memory", { engine = "interp" }, function(t)
	local vm, cpu = machine(t, "memtest", 0x200000)
	vm:ram { gpa = 0x200000, size = 0x100000 }
	vm:ram { gpa = 0x300000, size = 0x100000 }
	local rom = vm:ram { gpa = 0x600000, prot = "rx" }
	rom:write(0, "ROM!")
	local line, writes = serial(t), {}

	while true do
		local reason = cpu:serve { io = line.io }
		if reason == "halted" then break end
		t:expect(reason, "memory")
		t:expect(cpu.exit.prot, "w")
		writes[#writes + 1] = string.format("%x", cpu.exit.gpa)
		-- A ROM ignores them.  The guest says where it goes on.
		cpu:get("gprs")
		cpu:set { rip = cpu.state.r15 }
	end
	t:expect(table.concat(writes, " "), "600000 600ffc 5ffffe")
	t:expect(rom:read(0, 0x1000), "ROM!" .. ("\0"):rep(0xffc))
	t:expect(line.text, "patterns\nwalking bits\naddresses\nborders\n" ..
	    "ROM\npassed\n")
	t:ioctls { VCPU_RUN = 3 + #line.text + 1 }
end)

local KERNEL = [[
kernel: starting a program
hello from user mode
page fault at 0080fff8, error 00000006: given
page fault at 00800000, error 00000006: given
page fault at 00801000, error 00000004: given
page fault at 00802ffc, error 00000006: given
page fault at 00803000, error 00000006: given
breakpoint
general protection: refused
undefined instruction: refused
page fault at 00007c00, error 00000005: refused
page fault at 00400000, error 00000007: refused
page fault at 00800000, error 00000015: refused
general protection: refused
bye
kernel: the program has ended
read
written
read
written
written
double fault
on a stack of its own
]]

test("a kernel runs a program in user mode", { engine = "interp" },
    function(t)
	local vm, cpu = machine(t, "kernel")
	local line = serial(t)

	t:expect(cpu:serve { io = line.io }, "halted")
	t:note(line.text)
	t:expect(line.text, KERNEL)
	t:ioctls { VCPU_RUN = #KERNEL + 1 }
end)
