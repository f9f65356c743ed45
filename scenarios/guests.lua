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
