-- Control registers: what the guest writes, what the VMM sets, and what
-- reads back.

-- On vmx these exit to the kernel, which does what the processor would.
for _, row in ipairs {
	{ cr = 0, value = 0x60000031, mode = "protected" },
	{ cr = 4, value = 0x220, mode = "real" },
	{ cr = 8, value = 5, mode = "long" },
} do
	test("the guest writes CR" .. row.cr, function(t)
		local cpu = t:machine():vcpu(0)
		cpu:will(guest.mode(row.mode),
		    guest.mov_cr { cr = row.cr, value = row.value },
		    guest.hlt())
		t:expect(cpu:run(), "halted")
		t:expect(cpu.truth["cr" .. row.cr], row.value)
		t:expect(#cpu:events(), 0)
		t:counts { exits = 1, handled = t.cpu == "vmx" and 1 or 0 }
	end)
end

for _, cr in ipairs { 2, 3 } do
	test("a write of CR" .. cr .. " never exits", function(t)
		local cpu = t:machine():vcpu(0)
		cpu:will(guest.mov_cr { cr = cr, value = 0x12345000 },
		    guest.hlt())
		t:expect(cpu:run(), "halted")
		t:expect(cpu.truth["cr" .. cr], 0x12345000)
		t:counts { handled = 0 }
	end)
end

-- Writes that are #GP on a processor.
for what, write in pairs {
	["CR4, a bit that no guest has"] = { cr = 4, value = 0x40000000 },
	["CR0, paging without protection"] = { cr = 0, value = 0x80000000 },
	["CR0, NW without CD"] = { cr = 0, value = 0x20000010 },
} do
	test("a wrong write is #GP: " .. what, function(t)
		local cpu = t:machine():vcpu(0)
		cpu:will(guest.mov_cr(write), guest.hlt())
		t:expect(cpu:run(), "halted")
		local event = cpu:events()[1]
		t:expect(event.vector, 13)
		t:expect(event.error, 0)
	end)
end

test("CR8 has four bits: another is #GP", function(t)
	local cpu = t:machine():vcpu(0)
	cpu:will(guest.mode "long", guest.mov_cr { cr = 8, value = 16 },
	    guest.hlt())
	t:expect(cpu:run(), "halted")
	t:expect(cpu:events()[1].vector, 13)
	t:expect(cpu.truth.cr8, 0)
end)

test("at privilege level 3 a write is #GP by the processor", function(t)
	local cpu = t:machine():vcpu(0)
	cpu:will(guest.mode "user", guest.mov_cr { cr = 0, value = 0 },
	    guest.read { gpa = 0x1000 })
	t:expect(cpu:run(), "memory")
	t:expect(cpu:events()[1].vector, 13)
	t:counts { handled = 0 }
end)

-- Tables at 0x1000: four pages of 1 GiB, each where it is.
local function identity_map(vm)
	local tables = vm:ram { gpa = 0x1000, size = 0x2000 }
	tables:write(0, string.pack("<I8", 0x2003))
	for i = 0, 3 do
		tables:write(0x1000 + i * 8, string.pack("<I8", i << 30 | 0x83))
	end
end

test("turning paging on with LME activates long mode", function(t)
	local vm = t:machine()
	local cpu = vm:vcpu(0)
	identity_map(vm)
	cpu:get("all")
	cpu:set { efer = 0x100, cr4 = 0x20, cr3 = 0x1000 }
	cpu:will(guest.mov_cr { cr = 0, value = 0x80000011 },
	    guest.out { port = 0x80 })
	t:expect(cpu:run(), "io")
	t:expect(cpu.truth.efer & 0x400, 0x400)
end)

test("tpr_changed: every write of CR8 exits, past it", { cpu = "vmx" },
    function(t)
	local cpu = t:machine():vcpu(0)
	cpu:configure_tpr(true)
	cpu:will(guest.mode "long", guest.mov_cr { cr = 8, value = 0 },
	    guest.mov_cr { cr = 8, value = 9 }, guest.hlt())
	t:expect(cpu:run(), "tpr_changed")
	t:expect(cpu.exit.cr8, 0)
	t:page(cpu, { cached = "" })
	t:expect(cpu:run(), "tpr_changed")
	t:expect(cpu.exit.cr8, 9)
	t:expect(cpu:run(), "halted")
end)

test("tpr_changed can be turned off again", { cpu = "vmx" }, function(t)
	local cpu = t:machine():vcpu(0)
	cpu:configure_tpr(true)
	cpu:configure_tpr(false)
	cpu:will(guest.mode "long", guest.mov_cr { cr = 8, value = 9 },
	    guest.hlt())
	t:expect(cpu:run(), "halted")
	t:expect(cpu.exit.cr8, 9)
end)
