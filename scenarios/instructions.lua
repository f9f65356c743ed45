-- Instructions that a back end decides about as a whole.

-- The kernel raises #UD: the guest goes on with its handler.
local ud = {
	svm = { "rdpmc", "rsm", "invlpga", "vmrun", "vmmcall", "vmload",
	    "vmsave", "stgi", "clgi", "skinit", "rdtscp", "rdpru", "invlpgb",
	    "invpcid", "mcommit", "tlbsync" },
	vmx = { "rdpmc", "rdtscp", "vmcall", "vmlaunch", "vmresume", "vmxoff",
	    "vmfunc", "vmread", "vmwrite", "vmptrld", "vmptrst", "vmclear",
	    "vmxon", "invept", "invvpid" },
}

for backend, names in pairs(ud) do
	for _, name in ipairs(names) do
		test(name .. " is #UD, raised by the kernel on " .. backend,
		    { cpu = backend }, function(t)
			local cpu = t:machine():vcpu(0)
			cpu:will(guest.mode "long", guest.insn(name),
			    guest.hlt())
			t:expect(cpu:run(), "halted")
			local events = cpu:events()
			t:expect(#events, 1)
			t:expect(events[1].type, "excp")
			t:expect(events[1].vector, 6)
			t:counts { exits = 1, handled = 1 }
		end)
	end
end

test("an instruction of the other vendor is #UD, by the processor",
    function(t)
	local name = t.cpu == "svm" and "vmcall" or "vmmcall"
	local cpu = t:machine():vcpu(0)
	cpu:will(guest.insn(name), guest.hlt())
	t:expect(cpu:run(), "halted")
	t:expect(cpu:events()[1].vector, 6)
	t:counts { handled = 0 }
end)

for _, name in ipairs { "rdtsc", "pause", "invlpg", "wbinvd" } do
	test(name .. " never exits", function(t)
		local cpu = t:machine():vcpu(0)
		cpu:will(guest.insn(name), guest.hlt())
		t:expect(cpu:run(), "halted")
		t:expect(#cpu:events(), 0)
		t:counts { exits = 1, handled = 0 }
	end)
end

test("a #UD of the kernel's leaves RIP on the instruction, with RF",
    function(t)
	local cpu = t:machine():vcpu(0)
	cpu:will(guest.insn "rdpmc", guest.out { port = 0x80 })
	cpu:run()
	-- No handler runs: the next instruction stands where that one was.
	t:expect(cpu.exit.npc, cpu.truth.rip + 1)
	t:expect(cpu.truth.rflags & 0x10000, 0x10000)
end)

test("a #UD of the kernel's overwrites the event in the page", function(t)
	t:needs_comm("the event stands elsewhere there")
	local vm = t:machine()
	local cpu = vm:vcpu(0)
	local root = t:driver { flags = "wronly|cloexec" }
	cpu:will(guest.insn "rdpmc", guest.hlt())
	cpu:run()
	t:expect(cpu:events()[1].vector, 6)
	-- INJECT takes what stands there.
	root:ioctl("VCPU_INJECT", { machid = vm.id, cpuid = 0 })
	cpu:will(guest.hlt())
	cpu:run()
	t:expect(cpu:events()[1].vector, 6)
end)

for _, name in ipairs { "monitor", "mwait" } do
	test(name .. " exits, and tells the next instruction", function(t)
		local cpu = t:machine():vcpu(0)
		cpu:will(guest[name]())
		t:expect(cpu:run(), name)
		t:expect(cpu.exit.npc, cpu.truth.rip + 3)
		t:page(cpu, { cached = "" })
		-- A VMM refuses it.
		cpu:inject { type = "excp", vector = 6 }
		cpu:will(guest.hlt())
		t:expect(cpu:run(), "halted")
		t:expect(cpu:events()[1].vector, 6)
	end)

	test(name .. " at privilege level 3 is #UD by the processor",
	    function(t)
		local cpu = t:machine():vcpu(0)
		cpu:will(guest.mode "user", guest[name](),
		    guest.read { gpa = 0x1000 })
		t:expect(cpu:run(), "memory")
		t:expect(cpu:events()[1].vector, 6)
		t:counts { handled = 0 }
	end)
end

-- What the hardware stops for and NVMM has no name for.
local invalid = {
	svm = { invd = 0x76, init = 0x63 },
	vmx = { invd = 13, task_switch = 9 },
}

for backend, rows in pairs(invalid) do
	for name, hwcode in pairs(rows) do
		test(name .. " is invalid on " .. backend, { cpu = backend },
		    function(t)
			local cpu = t:machine():vcpu(0)
			cpu:will(guest.mode "protected", guest[name]())
			t:expect(cpu:run(), "invalid")
			t:expect(cpu.exit.hwcode, hwcode)
			t:page(cpu, { cached = "" })
		end)
	end
end

test("getsec is invalid on vmx", { cpu = "vmx" }, function(t)
	local cpu = t:machine():vcpu(0)
	cpu:will(guest.insn "getsec")
	t:expect(cpu:run(), "invalid")
	t:expect(cpu.exit.hwcode, 11)
end)

test("a task switch stays in an svm guest", { cpu = "svm" }, function(t)
	local cpu = t:machine():vcpu(0)
	cpu:will(guest.mode "protected", guest.task_switch(), guest.hlt())
	t:expect(cpu:run(), "halted")
end)

test("a state that cannot be entered is invalid", function(t)
	local cpu = t:machine():vcpu(0)
	cpu:set { cr0 = 0x100000010 }
	cpu:will(guest.hlt())
	t:expect(cpu:run(), "invalid")
	t:expect(cpu.exit.hwcode, t.cpu == "vmx" and 33 or -1)
	cpu:get("crs")
	cpu:set { cr0 = 0x10 }
	t:expect(cpu:run(), "halted")
end)

for _, name in ipairs { "hlt", "invd" } do
	test(name .. " at privilege level 3 is #GP by the processor",
	    function(t)
		local cpu = t:machine():vcpu(0)
		cpu:will(guest.mode "user", guest[name](),
		    guest.read { gpa = 0x1000 })
		t:expect(cpu:run(), "memory")
		local event = cpu:events()[1]
		t:expect(event.vector, 13)
		t:expect(event.error, 0)
		t:counts { handled = 0 }
	end)
end

test("xsetbv sets XCR0, in the kernel", function(t)
	local cpu = t:machine():vcpu(0)
	cpu:set { cr4 = 0x40000 }
	cpu:will(guest.xsetbv { xcr = 0, value = 3 }, guest.hlt())
	t:expect(cpu:run(), "halted")
	t:expect(cpu.truth.xcr0, 3)
	t:expect(#cpu:events(), 0)
	t:counts { exits = 1, handled = 1 }
end)

-- XSETBV of these is #GP(0) by the kernel.
local refused = {
	["another register"] = { xcr = 1, value = 3 },
	["a bit that the host lacks"] = { value = 7 },
	["no x87"] = { value = 2 },
	["nothing"] = { value = 0 },
	["a high bit"] = { value = 0x100000003 },
}

for what, operands in pairs(refused) do
	test("xsetbv of " .. what .. " is #GP", function(t)
		local cpu = t:machine():vcpu(0)
		cpu:set { cr4 = 0x40000 }
		cpu:will(guest.xsetbv(operands), guest.hlt())
		t:expect(cpu:run(), "halted")
		local event = cpu:events()[1]
		t:expect(event.vector, 13)
		t:expect(event.error, 0)
		t:expect(cpu.truth.xcr0, 1)
		t:counts { handled = 1 }
	end)
end

test("xsetbv at privilege level 3 is #GP", function(t)
	local cpu = t:machine():vcpu(0)
	cpu:set { cr4 = 0x40000 }
	cpu:will(guest.mode "user", guest.xsetbv { value = 3 },
	    guest.read { gpa = 0x1000 })
	t:expect(cpu:run(), "memory")
	t:expect(cpu:events()[1].vector, 13)
	t:expect(cpu.truth.xcr0, 1)
end)

test("what the kernel finishes takes RF and the shadow away", function(t)
	local cpu = t:machine():vcpu(0)
	cpu:get("intr|gprs")
	cpu:set { int_shadow = 1, rflags = 0x10002 }
	cpu:will(guest.cpuid { leaf = 0 }, guest.out { port = 0x80 })
	t:expect(cpu:run(), "io")
	t:expect(cpu.exit.int_shadow, false)
	t:expect(cpu.exit.rflags & 0x10000, 0)
end)
