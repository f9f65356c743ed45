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
