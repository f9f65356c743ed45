-- Programs of scenarios/guests, executed: each through libnvmm, as a VMM would.

local SERIAL = 0x3f8

-- A machine with RAM, a program in it, and a VCPU about to execute it.
local function machine(t, name, size)
	local vm = t:machine()
	local ram = vm:ram { gpa = 0, size = size or 0x100000 }
	vm:program { name = name, gpa = 0x7c00 }
	return vm, vm:vcpu(0):boot { at = 0x7c00 }, ram
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
