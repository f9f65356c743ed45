-- How events reach the guest: error codes, RF, and deliveries that something
-- interrupts.

local with_error = {
	[8] = true, [10] = true, [11] = true, [12] = true, [13] = true,
	[14] = true, [17] = true, [21] = true, [30] = true,
}
local no_fault = { [1] = true, [4] = true, [8] = true, [18] = true }
local refused = { [0] = true, [2] = true, [3] = true }

for vector = 0, 31 do
	if not refused[vector] then
		test("exception " .. vector .. ": error code and RF",
		    function(t)
			local cpu = t:machine():vcpu(0)
			cpu:inject { type = "excp", vector = vector,
			    error = 0x500000077 }
			cpu:will(guest.out { port = 0x80 })
			t:expect(cpu:run(), "io")
			local event = cpu:events()[1]
			t:expect(event.type, "excp")
			t:expect(event.vector, vector)
			if with_error[vector] then
				t:expect(event.error, 0x77)
			end
			t:expect(cpu.exit.rflags & 0x10000,
			    no_fault[vector] and 0 or 0x10000)
		end)
	end
end

test("an event of no type is refused", function(t)
	t:needs_comm("inject itself fails, before the run")
	local vm = t:machine()
	local cpu = vm:vcpu(0)
	local root = t:driver { flags = "wronly|cloexec" }
	if t.abi == "v3" then t:skip("v3 has no mmap") end
	local page = root:mmap { machid = vm.id, cpuid = 0 }
	page:write(1048, ("<I4I4I8"):pack(2, 0x20, 0))
	page:write(1040, "\1")
	t:fails("EINVAL", function() cpu:run() end)
	t:fails("EINVAL", function()
		root:ioctl("VCPU_INJECT", { machid = vm.id, cpuid = 0 })
	end)
end)

test("any vector is an interrupt's", function(t)
	local cpu = t:machine():vcpu(0)
	for _, vector in ipairs { 0, 3, 32, 255 } do
		cpu:get("gprs")
		cpu:set { rflags = 0x202 }
		cpu:inject { type = "intr", vector = vector }
		cpu:will(guest.hlt())
		t:expect(cpu:run(), "halted")
		t:expect(cpu:events()[1].vector, vector)
	end
end)

-- A guest whose stack ends in a hole, at 0x5000, with an event for it.
local function interrupted(t)
	local vm = t:machine()
	local cpu = vm:vcpu(0)
	cpu:will(guest.stack { gpa = 0x5000 },
	    guest.out { port = 0x80, interrupts = true }, guest.hlt())
	t:expect(cpu:run(), "io")
	cpu:skip()
	cpu:inject { type = "intr", vector = 0x21 }
	t:expect(cpu:run(), "memory")
	return vm, cpu
end

test("a delivery that meets a hole is interrupted", function(t)
	local _, cpu = interrupted(t)
	t:expect(cpu.exit.prot, "w")
	t:expect(cpu.exit.gpa, 0x4ffe)
	t:expect(cpu.exit.evt_pending, true)
	t:expect(#cpu:events(), 0)
end)

test("an interrupted delivery is made good in the next run", function(t)
	local vm, cpu = interrupted(t)
	vm:ram { gpa = 0x4000 }
	t:expect(cpu:run(), "halted")
	t:expect(cpu.exit.evt_pending, false)
	t:expect(cpu:events()[1].vector, 0x21)
end)

test("as long as the hole is there, it is interrupted again", function(t)
	local _, cpu = interrupted(t)
	t:expect(cpu:run(), "memory")
	t:expect(cpu.exit.evt_pending, true)
end)

test("a new injection overwrites a pending event", function(t)
	local vm, cpu = interrupted(t)
	vm:ram { gpa = 0x4000 }
	cpu:inject { type = "intr", vector = 0x30 }
	t:expect(cpu:run(), "halted")
	local events = cpu:events()
	t:expect(#events, 1)
	t:expect(events[1].vector, 0x30)
end)

test("setting INTR does not take a pending event away", function(t)
	local vm, cpu = interrupted(t)
	vm:ram { gpa = 0x4000 }
	cpu:get("intr")
	t:expect(cpu.state.evt_pending, 1)
	cpu:set { evt_pending = 0 }
	t:expect(cpu:run(), "halted")
	t:expect(cpu:events()[1].vector, 0x21)
end)

test("evt_pending is gone once the event was delivered", function(t)
	local cpu = t:machine():vcpu(0)
	cpu:inject { type = "excp", vector = 6 }
	cpu:will(guest.out { port = 0x80 })
	cpu:run()
	t:expect(cpu.exit.evt_pending, false)
end)

test("INJECT at once, without the page's flag", function(t)
	t:needs_comm("the event stands elsewhere there")
	local vm = t:machine()
	local cpu = vm:vcpu(0)
	local root = t:driver { flags = "wronly|cloexec" }
	cpu:set { rflags = 0x202 }
	cpu:inject { type = "intr", vector = 0x40 }
	-- The ioctl takes the event and leaves the flag: it comes twice.
	root:ioctl("VCPU_INJECT", { machid = vm.id, cpuid = 0 })
	cpu:get("intr")
	cpu:will(guest.hlt(), guest.hlt())
	cpu:run()
	t:expect(#cpu:events(), 1, "the run's overwrites the ioctl's")
end)

test("an exception is taken instead of the instruction", function(t)
	local cpu = t:machine():vcpu(0)
	cpu:will(guest.out { port = 0x80 })
	cpu:run()
	cpu:inject { type = "excp", vector = 13 }
	cpu:will(guest.hlt())
	t:expect(cpu:run(), "halted")
end)

test("an interrupt comes back to the instruction", function(t)
	local cpu = t:machine():vcpu(0)
	cpu:will(guest.out { port = 0x80, interrupts = true })
	cpu:run()
	cpu:inject { type = "intr", vector = 0x33 }
	t:expect(cpu:run(), "io")
	t:expect(cpu:events()[1].vector, 0x33)
end)

test("an event that comes while the guest runs waits for the next run",
    function(t)
	if t.abi == "v3" then t:skip("v3 looks before each entry") end
	t:needs_comm("inject waits for the run there")
	local cpu = t:machine():vcpu(0)
	cpu:set { rflags = 0x202 }
	cpu:will(guest.spin()):meanwhile(function()
		cpu:inject { type = "intr", vector = 0x50 }
		cpu:host("signal", 3)
	end)
	t:expect(cpu:run(), "none")
	t:expect(#cpu:events(), 0)
	cpu:will(guest.hlt())
	cpu:run()
	t:expect(cpu:events()[1].vector, 0x50)
end)

test("v3 looks for an event before each entry", { abi = "v3" }, function(t)
	t:needs_comm("inject waits for the run there")
	local cpu = t:machine():vcpu(0)
	cpu:set { rflags = 0x202 }
	cpu:will(guest.spin()):meanwhile(function()
		cpu:inject { type = "intr", vector = 0x50 }
		cpu:host("signal", 3)
	end)
	t:expect(cpu:run(), "none")
	t:expect(cpu:events()[1].vector, 0x50)
end)
