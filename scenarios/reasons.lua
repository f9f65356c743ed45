-- Reasons not to run, or not to run on: what comes first, and what is left in
-- the page then.

test("a stop comes before a suspended host", { abi = "v2" }, function(t)
	local cpu = t:machine():vcpu(0)
	cpu:stop()
	cpu:host("suspend")
	t:expect(cpu:run(), "stopped")
end)

for _, reason in ipairs { "signal", "reschedule" } do
	test("a " .. reason .. " comes before a stop", { abi = "v2" },
	    function(t)
		local cpu = t:machine():vcpu(0)
		cpu:stop()
		cpu:host(reason)
		t:expect(cpu:run(), "none")
	end)
end

test("a stop before the run changes nothing but the reason", { abi = "v2" },
    function(t)
	t:needs_comm("setstate reaches the VCPU at once")
	local cpu = t:machine():vcpu(0)
	cpu:set { rbx = 7 }
	cpu:stop()
	t:expect(cpu:run(), "stopped")
	t:page(cpu, { commit = "gprs", cached = "all" })
	t:expect(cpu.exit.rflags, 0, "exitstate is not filled")
end)

test("none after what the kernel handled: nothing is cached", function(t)
	local cpu = t:machine():vcpu(0)
	cpu:set { rflags = 0x202, cr8 = 3 }
	cpu:will(guest.cpuid { leaf = 0 }, guest.hlt())
	cpu:host("signal", 1)
	t:expect(cpu:run(), "none")
	t:page(cpu, { cached = "", commit = "" })
	t:expect(cpu.exit.rflags & 0x200, 0x200, "exitstate is filled")
	t:expect(cpu.exit.cr8, 3)
	t:expect(cpu:run(), "halted")
end)

test("a reason is looked for after every exit of the guest", function(t)
	local cpu = t:machine():vcpu(0)
	cpu:will(guest.cpuid { leaf = 0 }, guest.cpuid { leaf = 1 },
	    guest.cpuid { leaf = 2 }, guest.hlt())
	cpu:host("reschedule", 2)
	t:expect(cpu:run(), "none")
	t:counts { handled = 2 }
	t:expect(cpu:run(), "halted")
	t:counts { handled = 3 }
end)

test("none and stopped are no exits to count", function(t)
	local cpu = t:machine():vcpu(0)
	cpu:host("signal")
	cpu:run()
	t:counts { exits = 0, ioctls = 1 }
end)

test("a reason is raised once", function(t)
	local cpu = t:machine():vcpu(0)
	cpu:host("signal")
	t:expect(cpu:run(), "none")
	cpu:will(guest.hlt())
	t:expect(cpu:run(), "halted")
end)

test("a reason can be taken back", function(t)
	local cpu = t:machine():vcpu(0)
	cpu:host("signal")
	cpu:host("nothing")
	cpu:will(guest.hlt())
	t:expect(cpu:run(), "halted")
end)

-- Which exits come again when a signal hides them, and which are lost.
local hidden = {
	io = { guest.out { port = 0x80 }, again = true },
	memory = { guest.read { gpa = 0x100000 }, again = true },
	rdmsr = { guest.rdmsr { msr = 0x1b }, again = true },
	wrmsr = { guest.wrmsr { msr = 0x1b, value = 0 }, again = true },
	halted = { guest.hlt(), again = false },
}

for name, row in pairs(hidden) do
	test("quirk v2-exit-overwritten: a hidden exit, " .. name ..
	    (row.again and ", comes again" or ", is lost"),
	    { quirks = "v2-exit-overwritten" }, function(t)
		if t.abi == "v3" then t:skip("v3 keeps the exit") end
		local cpu = t:machine():vcpu(0)
		cpu:will(row[1], guest.shutdown())
		cpu:host("signal", 1)
		t:expect(cpu:run(), "none")
		t:expect(cpu:run(), row.again and name or "shutdown")
	end)
end
