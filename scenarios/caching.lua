-- The comm page protocol: when the page is enough, and when it is not.

test("an I/O exit finds all its state in the comm page", function(t)
	local vm  = t:machine()
	local cpu = vm:vcpu(0)
	cpu:will(guest.out { port = 0x3f8, size = 1, value = 0x41 })
	cpu:run()
	t:expect(cpu.exit.reason, "io")
	cpu:assist_io(function(io) t:expect(io.data, "A") end)
	t:ioctls { VCPU_RUN = 1 }
end)

test("a new VCPU has all its state in the comm page", function(t)
	local cpu = t:machine():vcpu(0)
	t:page(cpu, { cached = "all", commit = "", wanted = "" })
	cpu:get("all")
	t:expect(cpu.state.rip, 0xfff0)
	t:expect(cpu.state.rdx, 0x600)
	t:expect(cpu.state["cs.base"], 0xffff0000)
	t:ioctls {}
end)

test("getstate of what is cached costs no syscall", function(t)
	local cpu = t:machine():vcpu(0)
	cpu:will(guest.out { port = 0x80, value = 7 })
	cpu:run()
	cpu:get("gprs|segs|crs|msrs")
	t:expect(cpu.state.rax, 7)
	t:ioctls { VCPU_RUN = 1 }
	t:counts { hits = 1, misses = 0 }
end)

test("getstate of what is not cached is one syscall", function(t)
	local cpu = t:machine():vcpu(0)
	cpu:will(guest.hlt())
	cpu:run()
	t:page(cpu, { cached = "" })
	cpu:get("drs")
	t:expect(cpu.state.dr7, 0x400)
	t:page(cpu, { cached = "drs", wanted = "" })
	t:ioctls { VCPU_RUN = 1, VCPU_GETSTATE = 1 }
	t:counts { hits = 0, misses = 1 }
end)

test("a second getstate of the same is free", function(t)
	local cpu = t:machine():vcpu(0)
	cpu:will(guest.hlt())
	cpu:run()
	cpu:get("drs|fpu")
	cpu:get("fpu")
	cpu:get("drs")
	t:ioctls { VCPU_RUN = 1, VCPU_GETSTATE = 1 }
	t:counts { hits = 2, misses = 1 }
end)

test("a partial miss fetches only what is missing", function(t)
	local cpu = t:machine():vcpu(0)
	cpu:will(guest.out { port = 0x80 })
	cpu:run()
	t:mark()
	cpu:get("gprs|segs|drs")
	t:ioctls { VCPU_GETSTATE = 1 }
	t:bytes { wanted = { drs = 48 } }
	t:page(cpu, { cached = "gprs|segs|crs|msrs|drs" })
end)

test("setstate costs no syscall", function(t)
	local cpu = t:machine():vcpu(0)
	cpu:set { rax = 1, cr2 = 2, dr0 = 3 }
	t:page(cpu, { commit = "gprs|crs|drs" })
	t:ioctls {}
end)

test("a set adds to what is cached", function(t)
	local cpu = t:machine():vcpu(0)
	cpu:will(guest.out { port = 0x80 })
	cpu:run()
	cpu:set("gprs")
	t:page(cpu, { cached = "gprs|segs|crs|msrs" })
	cpu:set { dr0 = 1 }
	t:page(cpu, { cached = "gprs|segs|crs|msrs|drs" })
	cpu:get("segs|crs|msrs|drs")
	t:ioctls { VCPU_RUN = 1 }
end)

test("a set covers what was set and no more", function(t)
	local cpu = t:machine():vcpu(0)
	cpu:will(guest.hlt())
	cpu:run()
	cpu:set("gprs")
	t:page(cpu, { cached = "gprs", commit = "gprs" })
	cpu:get("drs")
	t:expect(cpu.state.dr7, 0x400)
	t:ioctls { VCPU_RUN = 1, VCPU_GETSTATE = 1 }
end)

test("set then get reads back what was set, without a syscall", function(t)
	local cpu = t:machine():vcpu(0)
	cpu:will(guest.hlt())
	cpu:run()
	cpu:set { dr0 = 0x1234 }
	cpu:get("drs")
	t:expect(cpu.state.dr0, 0x1234)
	t:ioctls { VCPU_RUN = 1 }
end)

test("what waits for its commit is never overwritten by a get", function(t)
	local cpu = t:machine():vcpu(0)
	cpu:will(guest.hlt())
	cpu:run()
	cpu:get("gprs")
	cpu.state.rbx = 0xb
	cpu:set("gprs")
	cpu:get("gprs|segs|drs")
	t:expect(cpu.state.rbx, 0xb)
	cpu:will(guest.hlt())
	cpu:run()
	t:expect(cpu.truth.rbx, 0xb)
	t:ioctls { VCPU_RUN = 2, VCPU_GETSTATE = 2 }
end)

test("run installs what was set", function(t)
	local cpu = t:machine():vcpu(0)
	cpu:set { rbx = 0x1111, cr2 = 0x2222, dr1 = 0x3333, star = 0x4444,
	    ["fs.base"] = 0x5555 }
	t:expect(cpu.state.rbx, 0x1111)
	cpu:will(guest.hlt())
	cpu:run()
	t:expect(cpu.truth.rbx, 0x1111)
	t:expect(cpu.truth.cr2, 0x2222)
	t:expect(cpu.truth.dr1, 0x3333)
	t:expect(cpu.truth.star, 0x4444)
	t:expect(cpu.truth["fs.base"], 0x5555)
	t:page(cpu, { commit = "" })
	t:ioctls { VCPU_RUN = 1 }
end)

test("what was set in several calls is installed together", function(t)
	local cpu = t:machine():vcpu(0)
	cpu:set { rbx = 0x11 }
	cpu:set { dr0 = 0x22 }
	cpu:set { cr2 = 0x33 }
	t:page(cpu, { commit = "gprs|drs|crs" })
	cpu:will(guest.hlt())
	cpu:run()
	t:expect(cpu.truth.rbx, 0x11)
	t:expect(cpu.truth.dr0, 0x22)
	t:expect(cpu.truth.cr2, 0x33)
end)

test("until the run the VCPU keeps what it had", function(t)
	t:needs_comm("setstate reaches the VCPU at once")
	local cpu = t:machine():vcpu(0)
	cpu:set { rbx = 0x1111 }
	t:expect(cpu.truth.rbx, 0)
end)

test("only components that were set are installed", function(t)
	local cpu = t:machine():vcpu(0)
	cpu.state.rbx = 0xbad
	cpu.state.dr0 = 0x600d
	cpu:set("drs")
	cpu:will(guest.hlt())
	cpu:run()
	t:expect(cpu.truth.dr0, 0x600d)
	t:expect(cpu.truth.rbx, 0)
	t:bytes { commit = { drs = 48 } }
end)

test("a run forgets what was cached", function(t)
	local cpu = t:machine():vcpu(0)
	t:page(cpu, { cached = "all" })
	cpu:will(guest.hlt())
	cpu:run()
	t:page(cpu, { cached = "" })
	cpu:get("gprs")
	t:ioctls { VCPU_RUN = 1, VCPU_GETSTATE = 1 }
end)

test("a get after a run sees what the guest did", function(t)
	local cpu = t:machine():vcpu(0)
	cpu:set { rax = 0x1111 }
	cpu:will(guest.cpuid { leaf = 0x40000000 }, guest.hlt())
	cpu:run()
	cpu:get("gprs")
	t:expect(cpu.state.rcx, 0x4d4d564e)
	t:expect(cpu.exit.reason, "halted")
end)

test("an event waits in the page for the run", function(t)
	local cpu = t:machine():vcpu(0)
	cpu:set { rflags = 0x202 }
	cpu:inject { type = "intr", vector = 0x30 }
	t:expect(#cpu:events(), 0)
	cpu:will(guest.hlt())
	cpu:run()
	local events = cpu:events()
	t:expect(#events, 1)
	t:expect(events[1].vector, 0x30)
	t:expect(events[1].type, "intr")
	t:ioctls { VCPU_RUN = 1 }
end)

test("an event is injected once", function(t)
	local cpu = t:machine():vcpu(0)
	cpu:set { rflags = 0x202 }
	cpu:inject { type = "intr", vector = 0x30 }
	cpu:will(guest.hlt(), guest.hlt())
	cpu:run()
	cpu:run()
	t:expect(#cpu:events(), 1)
end)

test("an illegal event fails the run, and the commit has taken place",
    function(t)
	t:needs_comm("inject itself fails, before the run")
	local cpu = t:machine():vcpu(0)
	cpu:set { rbx = 0x77 }
	cpu:inject { type = "excp", vector = 3 }
	t:fails("EINVAL", function() cpu:run() end)
	t:expect(cpu.truth.rbx, 0x77)
	t:page(cpu, { commit = "", cached = "" })
	cpu:will(guest.hlt())
	cpu:run()
	t:expect(cpu.exit.reason, "halted")
	t:expect(#cpu:events(), 0)
end)

test("a failed run keeps the previous exit", function(t)
	t:needs_comm("inject itself fails, before the run")
	local cpu = t:machine():vcpu(0)
	cpu:will(guest.out { port = 0x61 })
	cpu:run()
	cpu:inject { type = "excp", vector = 0 }
	t:fails("EINVAL", function() cpu:run() end)
	t:expect(cpu.exit.reason, "io")
	t:expect(cpu.exit.port, 0x61)
end)

test("the kernel takes unknown component bits without a word", function(t)
	t:needs_comm("the flag words are the library's own affair there")
	local cpu = t:machine():vcpu(0)
	cpu:will(guest.hlt())
	cpu:run()
	cpu:get(0x80)
	t:page(cpu, { cached = 0x80, wanted = 0 })
	t:ioctls { VCPU_RUN = 1, VCPU_GETSTATE = 1 }
end)

test("wild flag words do no harm", function(t)
	t:needs_comm("the flag words are the library's own affair there")
	local cpu = t:machine():vcpu(0)
	cpu:poke { wanted = -1, cached = -1, commit = -1 }
	cpu:will(guest.out { port = 0x80 })
	cpu:run()
	t:expect(cpu.exit.reason, "io")
	t:page(cpu, { commit = 0, cached = "gprs|segs|crs|msrs" })
end)

test("a page shows what was set until it is fetched again", function(t)
	t:needs_comm("each get fetches")
	local cpu = t:machine():vcpu(0)
	cpu:set { xcr0 = 0xff }
	cpu:get("crs")
	t:expect(cpu.state.xcr0, 0xff)
	cpu:will(guest.hlt())
	cpu:run()
	cpu:get("crs")
	t:expect(cpu.state.xcr0, 3)
end)

test("the exit tells flags and windows without a getstate", function(t)
	local cpu = t:machine():vcpu(0)
	cpu:set { rflags = 0x202, cr8 = 5 }
	cpu:will(guest.out { port = 0x80 })
	cpu:run()
	t:expect(cpu.exit.rflags, 0x202)
	t:expect(cpu.exit.cr8, 5)
	t:expect(cpu.exit.int_window_exiting, false)
	t:expect(cpu.exit.int_shadow, false)
	t:ioctls { VCPU_RUN = 1 }
end)
