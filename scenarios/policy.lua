-- What the kernel caches unasked, under other policies than its own.

test("without speculation an assist costs a syscall", { policy = "none" },
    function(t)
	local cpu = t:machine():vcpu(0)
	cpu:will(guest.out { port = 0x3f8, value = 0x41 })
	cpu:run()
	t:page(cpu, { cached = "" })
	cpu:assist_io(function() end)
	t:ioctls { VCPU_RUN = 1, VCPU_GETSTATE = 1 }
	t:bytes { speculative = {} }
end)

test("a policy of all caches everything on every exit", { policy = "all" },
    function(t)
	local cpu = t:machine():vcpu(0)
	cpu:will(guest.hlt(), guest.out { port = 0x80 })
	cpu:run()
	t:expect(cpu.exit.reason, "halted")
	t:page(cpu, { cached = "all" })
	cpu:get("all")
	cpu:run()
	t:page(cpu, { cached = "all" })
	cpu:get("fpu|drs|intr")
	t:ioctls { VCPU_RUN = 2 }
end)

test("speculation copies what the policy names and no more", function(t)
	local cpu = t:machine():vcpu(0)
	cpu:will(guest.out { port = 0x80 })
	cpu:run()
	t:bytes { speculative = { segs = 160, gprs = 144, crs = 48, msrs = 88 },
	    wanted = {}, commit = {} }
end)

test("what the kernel handles itself speculates nothing", { policy = "all" },
    function(t)
	local cpu = t:machine():vcpu(0)
	cpu:will(guest.cpuid { leaf = 1 }, guest.hlt())
	cpu:host("signal", 1)
	cpu:run()
	t:expect(cpu.exit.reason, "none")
	t:page(cpu, { cached = "" })
end)
