-- Events, windows, and reasons not to run.

test("an exception with an error code", function(t)
	local cpu = t:machine():vcpu(0)
	cpu:inject { type = "excp", vector = 14, error = 0x100000006 }
	cpu:will(guest.hlt())
	cpu:run()
	local event = cpu:events()[1]
	t:expect(event.type, "excp")
	t:expect(event.vector, 14)
	t:expect(event.error, 6, "the low 32 bits")
end)

test("a fault sets RF, a trap does not", function(t)
	local vm = t:machine()
	for vector, flag in pairs { [13] = 0x10000, [1] = 0, [8] = 0 } do
		local cpu = vm:vcpu(vector)
		cpu:inject { type = "excp", vector = vector }
		cpu:will(guest.out { port = 0x80 })
		cpu:run()
		t:expect(cpu.truth.rflags & 0x10000, flag, "vector " .. vector)
	end
end)

test("registers set after an injection do not take RF away", function(t)
	local cpu = t:machine():vcpu(0)
	cpu:inject { type = "excp", vector = 13 }
	cpu:set { rbx = 1 }
	cpu:will(guest.out { port = 0x80 })
	cpu:run()
	t:expect(cpu.exit.rflags & 0x10000, 0x10000)
end)

test("no VMM injects #DE, NMI or #BP as exceptions", function(t)
	t:needs_comm("inject itself fails, before the run")
	local cpu = t:machine():vcpu(0)
	for _, vector in ipairs { 0, 2, 3, 32, 255 } do
		cpu:inject { type = "excp", vector = vector }
		t:fails("EINVAL", function() cpu:run() end)
	end
end)

test("a timer waits for its window and is injected there", function(t)
	local cpu = t:machine():vcpu(0)
	cpu:get("intr")
	cpu:set { int_window_exiting = 1 }
	cpu:will(guest.out { port = 0x80 })
	cpu:run()
	t:expect(cpu.exit.int_window_exiting, true)
	cpu:assist_io(function() end)
	cpu:will(guest.sti(), guest.nop(), guest.hlt())
	cpu:run()
	t:expect(cpu.exit.reason, "int_ready")
	cpu:inject { type = "intr", vector = 0x20 }
	cpu:run()
	t:expect(cpu.exit.reason, "halted")
	t:expect(cpu:events()[1].vector, 0x20)
	t:ioctls { VCPU_RUN = 3 }
end)

test("an NMI turns NMI-window exiting on", function(t)
	local cpu = t:machine():vcpu(0)
	cpu:inject { type = "intr", vector = 2 }
	cpu:will(guest.hlt())
	cpu:run()
	t:expect(cpu.exit.nmi_window_exiting, true)
	t:expect(cpu:events()[1].vector, 2)
end)

for _, reason in ipairs { "signal", "reschedule", "suspend" } do
	test("a " .. reason .. " before the run changes nothing", function(t)
		t:needs_comm("setstate and inject reach the VCPU at once")
		local cpu = t:machine():vcpu(0)
		cpu:set { rbx = 0xb, rflags = 0x202 }
		cpu:inject { type = "intr", vector = 0x21 }
		cpu:host(reason)
		cpu:run()
		t:expect(cpu.exit.reason, "none")
		t:expect(cpu.exit.rflags, 0, "exitstate is not filled")
		t:page(cpu, { commit = "gprs", cached = "all" })
		t:expect(cpu.truth.rbx, 0)
		cpu:will(guest.hlt())
		cpu:run()
		t:expect(cpu.truth.rbx, 0xb)
		t:expect(cpu:events()[1].vector, 0x21)
	end)
end

test("stop makes the next run return", function(t)
	if not t.has_stop then t:skip("this libnvmm has no nvmm_vcpu_stop") end
	local cpu = t:machine():vcpu(0)
	cpu:stop()
	cpu:run()
	t:expect(cpu.exit.reason, "stopped")
	cpu:will(guest.hlt())
	cpu:run()
	t:expect(cpu.exit.reason, "halted")
	t:ioctls { VCPU_RUN = 2 }
	t:counts { exits = 1 }
end)

-- v3 keeps the exit, and returns at once.
local function not_v3(t)
	if t.abi == "v3" then t:skip("for v1 and v2 only") end
end

test("quirk v2-exit-overwritten: a signal hides an exit, which comes again",
    { quirks = "v2-exit-overwritten" }, function(t)
	not_v3(t)
	local cpu = t:machine():vcpu(0)
	cpu:will(guest.out { port = 0x61, value = 3 })
	cpu:host("signal", 1)
	cpu:run()
	t:expect(cpu.exit.reason, "none")
	t:page(cpu, { cached = "gprs|segs|crs|msrs" })
	cpu:run()
	t:expect(cpu.exit.reason, "io")
	t:expect(cpu.exit.port, 0x61)
end)

test("quirk v2-exit-overwritten: a signal during a HLT loses it",
    { quirks = "v2-exit-overwritten" }, function(t)
	not_v3(t)
	local cpu = t:machine():vcpu(0)
	cpu:will(guest.hlt(), guest.out { port = 0x80 })
	cpu:host("signal", 1)
	cpu:run()
	t:expect(cpu.exit.reason, "none")
	cpu:run()
	t:expect(cpu.exit.reason, "io")
end)

test("without v2-exit-overwritten an exit keeps its reason",
    { quirks = "none" }, function(t)
	local cpu = t:machine():vcpu(0)
	cpu:will(guest.hlt())
	cpu:host("signal", 1)
	cpu:run()
	t:expect(cpu.exit.reason, "halted")
end)

test("quirk v2-lost-stop: a stop that meets a signal is lost",
    { quirks = "v2-lost-stop" }, function(t)
	local cpu = t:machine():vcpu(0)
	if not t.has_stop then t:skip("this libnvmm has no nvmm_vcpu_stop") end
	cpu:stop()
	cpu:host("signal")
	cpu:run()
	t:expect(cpu.exit.reason, "none")
	cpu:will(guest.hlt())
	cpu:run()
	t:expect(cpu.exit.reason, "halted")
end)

test("without v2-lost-stop a stop is obeyed later", { quirks = "none" },
    function(t)
	local cpu = t:machine():vcpu(0)
	if not t.has_stop then t:skip("this libnvmm has no nvmm_vcpu_stop") end
	cpu:stop()
	cpu:host("signal")
	cpu:run()
	t:expect(cpu.exit.reason, "none")
	cpu:run()
	t:expect(cpu.exit.reason, "stopped")
end)

test("quirk reset-mxcsr-0: a new VCPU has MXCSR 0",
    { quirks = "reset-mxcsr-0" }, function(t)
	local cpu = t:machine():vcpu(0)
	t:expect(cpu.state.mxcsr, 0x1f80)
	t:expect(cpu.truth.mxcsr, 0)
end)

test("without reset-mxcsr-0 it has the reset value", { quirks = "none" },
    function(t)
	t:expect(t:machine():vcpu(0).truth.mxcsr, 0x1f80)
end)

test("an event of no known type is refused at the run", function(t)
	t:needs_comm("inject itself fails")
	local cpu = t:machine():vcpu(0)
	cpu:inject { type = 2, vector = 33 }
	cpu:will(guest.hlt())
	t:fails("EINVAL", function() cpu:run() end)
	cpu:run()
	t:expect(cpu.exit.reason, "halted")
	t:expect(#cpu:events(), 0)
end)

test("an event that is taken ends the interrupt shadow", function(t)
	local cpu = t:machine():vcpu(0)
	cpu:set { int_shadow = 1, int_window_exiting = 1, rflags = 0x202 }
	cpu:inject { type = "excp", vector = 6 }
	cpu:will(guest.hlt())
	t:expect(cpu:run(), "int_ready")
	t:expect(cpu.exit.int_shadow, false)
	t:expect(cpu:events()[1].vector, 6)
end)
