-- Each exit: what it tells, and what the kernel caches with it.

local assist = "gprs|segs|crs|msrs"

test("io: caches what the assist wants", function(t)
	local cpu = t:machine():vcpu(0)
	cpu:will(guest.out { port = 0x3f8, size = 2, value = 0x1234 })
	cpu:run()
	t:page(cpu, { cached = assist })
	local exit = cpu.exit
	t:expect(exit.reason, "io")
	t:expect(exit.port, 0x3f8)
	t:expect(exit.input, false)
	t:expect(exit.operand_size, 2)
	t:expect(exit.str, false)
	t:expect(exit.rep, false)
	t:expect(exit.npc, cpu.truth.rip + 1)
end)

test("io: RIP stays on the instruction, and it exits again", function(t)
	local cpu = t:machine():vcpu(0)
	cpu:will(guest.inp { port = 0x60 })
	cpu:run()
	local rip = cpu.truth.rip
	cpu:run()
	t:expect(cpu.exit.reason, "io")
	t:expect(cpu.exit.input, true)
	t:expect(cpu.truth.rip, rip)
	t:ioctls { VCPU_RUN = 2 }
end)

test("io: a string exit names segment and address size", function(t)
	local cpu = t:machine():vcpu(0)
	cpu:will(guest.outs { port = 0x1f0, size = 2, address = 0x100,
	    count = 4, seg = "fs" })
	cpu:run()
	local exit = cpu.exit
	t:expect(exit.str, true)
	t:expect(exit.rep, true)
	t:expect(exit.seg, "fs")
	t:expect(exit.address_size, 2)
	t:expect(cpu.truth.rcx, 4)
end)

test("memory: caches what the assist wants", function(t)
	local cpu = t:machine():vcpu(0)
	cpu:will(guest.write { gpa = 0xfee00300, size = 4, value = 1 })
	cpu:run()
	t:page(cpu, { cached = assist })
	t:expect(cpu.exit.reason, "memory")
	t:expect(cpu.exit.prot, "w")
	t:expect(cpu.exit.gpa, 0xfee00300)
end)

test("memory: svm gives the instruction's bytes", { cpu = "svm" },
    function(t)
	local cpu = t:machine():vcpu(0)
	cpu:will(guest.mode "protected",
	    guest.read { gpa = 0xfec00000, size = 4 })
	cpu:run()
	t:expect(cpu.exit.prot, "r")
	t:expect(cpu.exit.inst_len, 2)
	t:expect(cpu.exit.inst_bytes, "\x8b\x03")
end)

test("memory: vmx gives no bytes, the library fetches them",
    { cpu = "vmx" }, function(t)
	local cpu = t:machine():vcpu(0)
	cpu:will(guest.read { gpa = 0xfec00000, size = 4 })
	cpu:run()
	t:expect(cpu.exit.inst_len, 0)
	cpu:assist_mem(function(mem)
		t:expect(mem.gpa, 0xfec00000)
		return 0x11223344
	end)
	cpu:get("gprs")
	t:expect(cpu.state.rax, 0x11223344)
	t:ioctls { VCPU_RUN = 1 }
end)

test("memory: a fetch from a hole", function(t)
	local cpu = t:machine():vcpu(0)
	cpu:will(guest.fetch { gpa = 0x1000 })
	cpu:run()
	t:expect(cpu.exit.reason, "memory")
	t:expect(cpu.exit.prot, "x")
	t:expect(cpu.exit.gpa, 0x1000)
	t:page(cpu, { cached = assist })
end)

test("memory: a fetch from a hole goes on once it is mapped", function(t)
	local vm = t:machine()
	local cpu = vm:vcpu(0)
	cpu:will(guest.fetch { gpa = 0x1000 })
	cpu:run()
	t:expect(cpu.exit.reason, "memory")
	vm:ram { gpa = 0x1000 }
	cpu:will(guest.hlt())
	cpu:run()
	t:expect(cpu.exit.reason, "halted")
end)

test("halted: caches nothing, RIP is past the instruction", function(t)
	local cpu = t:machine():vcpu(0)
	cpu:set { rip = 0xf000 }
	cpu:will(guest.nop(), guest.hlt())
	cpu:run()
	t:expect(cpu.exit.reason, "halted")
	t:page(cpu, { cached = "" })
	t:expect(cpu.truth.rip, 0xf002)
end)

test("halted: turns the interrupt window off if interrupts are on",
    function(t)
	local cpu = t:machine():vcpu(0)
	cpu:set { int_window_exiting = 1 }
	cpu:will(guest.hlt())
	cpu:run()
	t:expect(cpu.exit.int_window_exiting, true)
	cpu:will(guest.sti(), guest.hlt())
	cpu:run()
	t:expect(cpu.exit.reason, "halted")
	t:expect(cpu.exit.int_window_exiting, false)
	t:expect(cpu.exit.int_shadow, false)
	t:expect(cpu.exit.rflags & 0x200, 0x200)
end)

test("rdmsr: caches the registers", function(t)
	local cpu = t:machine():vcpu(0)
	cpu:will(guest.rdmsr { msr = 0x1b })
	cpu:run()
	t:expect(cpu.exit.reason, "rdmsr")
	t:expect(cpu.exit.msr, 0x1b)
	t:page(cpu, { cached = "gprs" })
	cpu:get("gprs")
	cpu.state.rax, cpu.state.rdx = 0xfee00900, 0
	cpu.state.rip = cpu.exit.npc
	cpu:set("gprs")
	cpu:will(guest.hlt())
	cpu:run()
	t:expect(cpu.truth.rax, 0xfee00900)
	t:ioctls { VCPU_RUN = 2 }
end)

test("wrmsr: caches the registers, and tells the value", function(t)
	local cpu = t:machine():vcpu(0)
	cpu:will(guest.wrmsr { msr = 0x1b, value = 0x1fee00900 })
	cpu:run()
	t:expect(cpu.exit.reason, "wrmsr")
	t:expect(cpu.exit.msr, 0x1b)
	t:expect(cpu.exit.val, 0x1fee00900)
	t:expect(cpu.exit.npc, cpu.truth.rip + 2)
	t:page(cpu, { cached = "gprs" })
	cpu:skip()
	t:ioctls { VCPU_RUN = 1 }
end)

test("rdmsr and wrmsr of a guest's own MSRs never reach the VMM",
    function(t)
	local cpu = t:machine():vcpu(0)
	cpu:will(guest.wrmsr { msr = 0xc0000082, value = 0xdeadbeef12345678 },
	    guest.rdmsr { msr = 0xc0000082 }, guest.hlt())
	cpu:run()
	t:expect(cpu.exit.reason, "halted")
	t:expect(cpu.truth.lstar, 0xdeadbeef12345678)
	t:expect(cpu.truth.rdx, 0xdeadbeef)
	t:expect(cpu.truth.rax, 0x12345678)
	t:ioctls { VCPU_RUN = 1 }
end)

test("cpuid: is answered in the kernel", function(t)
	local cpu = t:machine():vcpu(0)
	cpu:will(guest.cpuid { leaf = 0x40000000 }, guest.hlt())
	cpu:run()
	t:expect(cpu.exit.reason, "halted")
	t:expect(cpu.truth.rcx, 0x4d4d564e)
	t:counts { exits = 1, handled = 1 }
end)

test("cpuid: exits where the VMM wants it, already answered", function(t)
	local cpu = t:machine():vcpu(0)
	cpu:configure_cpuid { leaf = 0x40000000, exit = true }
	cpu:will(guest.cpuid { leaf = 0x40000000 })
	cpu:run()
	t:expect(cpu.exit.reason, "cpuid")
	t:page(cpu, { cached = "" })
	t:expect(cpu.truth.rcx, 0x4d4d564e)
	t:expect(cpu.exit.npc, cpu.truth.rip + 2)
	t:ioctls { VCPU_CONFIGURE = 1, VCPU_RUN = 1 }
end)

test("cpuid: a mask deletes, then sets", function(t)
	local cpu = t:machine():vcpu(0)
	cpu:configure_cpuid { leaf = 0x40000000, mask = true,
	    set = { ecx = 0x1 }, del = { ecx = 0xfe } }
	cpu:will(guest.cpuid { leaf = 0x40000000 }, guest.hlt())
	cpu:run()
	t:expect(cpu.truth.rcx, 0x4d4d5601)
end)

test("int_ready: when the guest would take an interrupt", function(t)
	local cpu = t:machine():vcpu(0)
	cpu:set { int_window_exiting = 1, rip = 0xf000 }
	cpu:will(guest.nop(), guest.sti(), guest.nop(), guest.hlt())
	cpu:run()
	t:expect(cpu.exit.reason, "int_ready")
	t:expect(cpu.exit.rflags & 0x200, 0x200)
	-- STI holds interrupts off for one more instruction: NOP, STI, NOP.
	t:expect(cpu.truth.rip, 0xf003)
	t:expect(cpu.exit.int_window_exiting, false)
	t:page(cpu, { cached = "" })
end)

test("shutdown: caches nothing", function(t)
	local cpu = t:machine():vcpu(0)
	cpu:will(guest.shutdown())
	cpu:run()
	t:expect(cpu.exit.reason, "shutdown")
	t:page(cpu, { cached = "" })
end)

test("invalid: tells the hardware's code", function(t)
	local cpu = t:machine():vcpu(0)
	cpu:will(guest.invd())
	cpu:run()
	t:expect(cpu.exit.reason, "invalid")
	t:expect(cpu.exit.hwcode, t.cpu == "svm" and 0x76 or 13)
	t:page(cpu, { cached = "" })
end)

test("invalid: vmx refuses an interrupt that the guest would not take",
    { cpu = "vmx" }, function(t)
	local cpu = t:machine():vcpu(0)
	cpu:inject { type = "intr", vector = 0x20 }
	cpu:will(guest.hlt())
	cpu:run()
	t:expect(cpu.exit.reason, "invalid")
	t:expect(cpu.exit.hwcode, 33)
end)

test("svm delivers an interrupt although the guest has them off",
    { cpu = "svm" }, function(t)
	local cpu = t:machine():vcpu(0)
	cpu:inject { type = "intr", vector = 0x20 }
	cpu:will(guest.hlt())
	cpu:run()
	t:expect(cpu.exit.reason, "halted")
	t:expect(cpu:events()[1].vector, 0x20)
end)

test("what never exits is nothing that the kernel handles", function(t)
	local cpu = t:machine():vcpu(0)
	cpu:will(guest.wrmsr { msr = 0xc0000100, value = 1 },
	    guest.rdmsr { msr = 0x10 }, guest.hlt())
	cpu:run()
	t:expect(cpu.exit.reason, "halted")
	t:counts { exits = 1, handled = 0 }
end)

test("int_ready: before the instruction, if the way to it turned interrupts on",
    function(t)
	local cpu = t:machine():vcpu(0)
	cpu:set { int_window_exiting = 1 }
	cpu:will(guest.out { port = 0x80, interrupts = true })
	cpu:run()
	t:expect(cpu.exit.reason, "int_ready")
	cpu:run()
	t:expect(cpu.exit.reason, "io")
end)

test("memory: an access may cross from one mapping to the next", function(t)
	local vm = t:machine()
	local low = vm:ram { gpa = 0x1000 }
	local cpu = vm:vcpu(0)
	local store = { gpa = 0x1ffe, size = 4, value = 0x44332211 }
	cpu:will(guest.write(store))
	cpu:run()
	t:expect(cpu.exit.reason, "memory")
	t:expect(cpu.exit.gpa, 0x2000, "the byte that has no mapping")
	t:expect(low:read(0xffe, 2), "\0\0", "nothing half done")
	local high = vm:ram { gpa = 0x2000 }
	cpu:will(guest.hlt())
	cpu:run()
	t:expect(cpu.exit.reason, "halted")
	t:expect(low:read(0xffe, 2), "\x11\x22")
	t:expect(high:read(0, 2), "\x33\x44")
end)
