-- What the VMM sets is not always what the VCPU has then.  The page shows
-- what was set until it is fetched again.

-- Sets registers, runs, and returns the VCPU.
local function set(t, registers)
	local cpu = t:machine():vcpu(0)
	cpu:get("all")
	cpu:set(registers)
	cpu:will(guest.hlt())
	cpu:run()
	return cpu
end

test("XCR0 loses bits that the host lacks, and keeps x87", function(t)
	t:expect(set(t, { xcr0 = 0xfe }).truth.xcr0, 3)
	t:expect(set(t, { xcr0 = 0 }).truth.xcr0, 1)
end)

test("MXCSR and its mask lose what the host's mask lacks", function(t)
	local cpu = set(t, { mxcsr = 0xffff1f80, mxcsr_mask = -1 & 0xffffffff })
	local mask = t:driver():ioctl("CAPABILITY").mxcsr_mask
	t:expect(cpu.truth.mxcsr_mask, mask)
	t:expect(cpu.truth.mxcsr, 0xffff1f80 & mask)
end)

test("a mask of 0 leaves MXCSR 0", function(t)
	t:expect(set(t, { mxcsr = 0x1f80, mxcsr_mask = 0 }).truth.mxcsr, 0)
end)

test("EFER.SVME is hidden", { cpu = "svm" }, function(t)
	local cpu = set(t, { efer = 0x1000 })
	cpu:get("msrs")
	t:expect(cpu.state.efer, 0)
end)

test("CR8 keeps four bits on svm, all of them on vmx", function(t)
	t:expect(set(t, { cr8 = 0x1f }).exit.cr8, t.cpu == "svm" and 0xf or 0x1f)
end)

test("CR0: NE and ET are always set on vmx, CD and NW are kept",
    function(t)
	local cpu = set(t, { cr0 = 0x60000000 })
	cpu:get("crs")
	t:expect(cpu.state.cr0, t.cpu == "vmx" and 0x60000030 or 0x60000000)
end)

test("the reset state's CR0, once fetched", function(t)
	local cpu = t:machine():vcpu(0)
	t:expect(cpu.state.cr0, 0x60000010)
	cpu:will(guest.hlt())
	cpu:run()
	cpu:get("crs")
	t:expect(cpu.state.cr0, t.cpu == "vmx" and 0x60000030 or 0x60000010)
end)

test("CR4 keeps only what a vmx guest can have", { cpu = "vmx" },
    function(t)
	t:expect(set(t, { cr4 = 0xffffffff }).truth.cr4, 0x370fff)
end)

test("DR6 has 32 bits on vmx", { cpu = "vmx" }, function(t)
	t:expect(set(t, { dr6 = 0x1ffff0ff0 }).truth.dr6, 0xffff0ff0)
end)

test("GDT and IDT have base and limit only on vmx", { cpu = "vmx" },
    function(t)
	local cpu = set(t, { ["gdt.selector"] = 8, ["gdt.base"] = 0x1234,
	    ["idt.limit"] = 0x55 })
	cpu:get("segs")
	t:expect(cpu.state["gdt.selector"], 0)
	t:expect(cpu.state["gdt.attrib"], 0)
	t:expect(cpu.state["gdt.base"], 0x1234)
	t:expect(cpu.state["idt.attrib"], 0)
	t:expect(cpu.state["idt.limit"], 0x55)
end)

test("what is set stays in the page until it is fetched again", function(t)
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

test("the SETSTATE ioctl installs at once, and leaves the page alone",
    function(t)
	t:needs_comm("the flag words are the library's own affair there")
	local vm = t:machine()
	local cpu = vm:vcpu(0)
	local root = t:driver { flags = "wronly|cloexec" }
	cpu.state.xcr0 = 0xff
	cpu:poke { wanted = "crs" }
	root:ioctl("VCPU_SETSTATE", { machid = vm.id, cpuid = 0 })
	t:expect(cpu.truth.xcr0, 3)
	t:expect(cpu.state.xcr0, 0xff)
	t:page(cpu, { wanted = "", cached = "all" })
end)

-- Registers after a reset, as they stand in the page; the rest is 0.
local reset = {
	rdx = 0x600, rip = 0xfff0, rflags = 2, rax = 0, rsp = 0,
	cr0 = 0x60000010, cr2 = 0, cr3 = 0, cr4 = 0, cr8 = 0, xcr0 = 1,
	dr6 = 0xffff0ff0, dr7 = 0x400, dr0 = 0,
	pat = 0x0007040600070406, efer = 0, tsc = 0,
	fcw = 0x40, ftw = 0x55, mxcsr = 0x1f80, mxcsr_mask = 0,
	["cs.selector"] = 0xf000, ["cs.base"] = 0xffff0000,
	["cs.limit"] = 0xffff, ["ds.selector"] = 0, ["ds.base"] = 0,
	["ds.limit"] = 0xffff, ["es.attrib"] = 0x93, ["gdt.attrib"] = 0x92,
	["idt.limit"] = 0xffff, ["ldt.attrib"] = 0x82, ["tr.attrib"] = 0x83,
	int_shadow = 0, int_window_exiting = 0, nmi_window_exiting = 0,
	evt_pending = 0,
}

test("the reset state", function(t)
	local cpu = t:machine():vcpu(0)
	for register, value in pairs(reset) do
		t:expect(cpu.state[register], value, register)
	end
	t:page(cpu, { cached = "all", commit = "", wanted = "" })
	t:ioctls {}
end)
