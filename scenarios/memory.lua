-- Guest memory: host mappings, guest mappings, and what the guest sees.

test("a hole resolves once mapped, and stops resolving once unmapped",
    function(t)
	local vm = t:machine()
	local cpu = vm:vcpu(0)
	local pages = t:pages(0x1000)
	local store = { gpa = 0x5000, size = 4, value = 0x11223344 }
	cpu:will(guest.write(store))
	cpu:run()
	t:expect(cpu.exit.reason, "memory")

	vm:hva_map(pages)
	vm:gpa_map { pages = pages, gpa = 0x5000 }
	cpu:will(guest.hlt())
	cpu:run()
	t:expect(cpu.exit.reason, "halted")
	t:expect(pages:read(0, 4), "\x44\x33\x22\x11")

	vm:gpa_unmap { pages = pages, gpa = 0x5000 }
	cpu:will(guest.write(store))
	cpu:run()
	t:expect(cpu.exit.reason, "memory")
	t:ioctls { VCPU_RUN = 3, HVA_MAP = 1, GPA_MAP = 1, GPA_UNMAP = 1 }
end)

test("the guest reads what the VMM wrote", function(t)
	local vm = t:machine()
	local ram = vm:ram { gpa = 0x8000 }
	local cpu = vm:vcpu(0)
	ram:write(0x10, "\x78\x56\x34\x12")
	cpu:will(guest.read { gpa = 0x8010, size = 4 }, guest.hlt())
	cpu:run()
	t:expect(cpu.truth.rax, 0x12345678)
	t:ioctls { VCPU_RUN = 1 }
end)

test("read-only memory exits on a write only", function(t)
	local vm = t:machine()
	local rom = vm:ram { gpa = 0xf0000, prot = "rx" }
	local cpu = vm:vcpu(0)
	rom:write(0, "\xaa")
	cpu:will(guest.read { gpa = 0xf0000 },
	    guest.write { gpa = 0xf0000, value = 0x55 })
	cpu:run()
	t:expect(cpu.exit.reason, "memory")
	t:expect(cpu.exit.prot, "w")
	t:expect(cpu.truth.rax, 0x55)
	t:expect(rom:read(0, 1), "\xaa")
end)

test("memory mapped with no rights exits on every access", function(t)
	local vm = t:machine()
	vm:ram { gpa = 0x3000, prot = "" }
	local cpu = vm:vcpu(0)
	cpu:will(guest.read { gpa = 0x3000 })
	cpu:run()
	t:expect(cpu.exit.prot, "r")
end)

test("HVA_MAP gives fresh zeros in place of the caller's memory", function(t)
	local vm = t:machine()
	local pages = t:pages(0x2000)
	pages:write(0, "old")
	vm:hva_map(pages)
	t:expect(pages:read(0, 3), "\0\0\0")
end)

test("two host mappings must not overlap", function(t)
	local vm = t:machine()
	local pages = t:pages(0x4000)
	vm:hva_map(pages, 0, 0x2000)
	t:fails("EEXIST", function() vm:hva_map(pages, 0x1000, 0x2000) end)
	vm:hva_map(pages, 0x2000, 0x2000)
end)

test("host mappings are whole pages", function(t)
	local vm = t:machine()
	local pages = t:pages(0x2000)
	t:fails("EINVAL", function() vm:hva_map(pages, 0x10, 0x1000) end)
	t:fails("EINVAL", function() vm:hva_map(pages, 0, 0x1800) end)
	t:fails("EINVAL", function() vm:hva_map(pages, 0, 0) end)
end)

test("HVA_UNMAP wants exactly what was mapped", function(t)
	local vm = t:machine()
	local pages = t:pages(0x2000)
	vm:hva_map(pages)
	t:fails("ENOENT", function() vm:hva_unmap(pages, 0, 0x1000) end)
	t:fails("ENOENT", function() vm:hva_unmap(pages, 0x1000, 0x1000) end)
	vm:hva_unmap(pages)
	t:fails("ENOENT", function() vm:hva_unmap(pages) end)
end)

test("only 32 host mappings fit into a machine", function(t)
	local vm = t:machine()
	local pages = t:pages(33 * 0x1000)
	for i = 0, 31 do
		vm:hva_map(pages, i * 0x1000, 0x1000)
	end
	t:fails("ENOBUFS", function() vm:hva_map(pages, 32 * 0x1000, 0x1000) end)
	t:ioctls { HVA_MAP = 33 }
end)

test("guest memory must come from a host mapping", function(t)
	local vm = t:machine()
	local pages = t:pages(0x2000)
	t:fails("EINVAL", function()
		vm:gpa_map { pages = pages, gpa = 0 }
	end)
	vm:hva_map(pages, 0, 0x1000)
	t:fails("EINVAL", function()
		vm:gpa_map { pages = pages, gpa = 0, size = 0x2000 }
	end)
	vm:gpa_map { pages = pages, gpa = 0, size = 0x1000 }
end)

local function max_ram(t)
	return t.abi == "v3" and 127 << 40 or 128 << 30
end

test("guest memory ends at the machine's limit", function(t)
	local vm = t:machine()
	local pages = t:pages(0x1000)
	local top = max_ram(t)
	vm:hva_map(pages)
	t:fails("EINVAL", function()
		vm:gpa_map { pages = pages, gpa = top }
	end)
	vm:gpa_map { pages = pages, gpa = top - 0x1000 }
end)

test("the library refuses overlapping guest memory without a syscall",
    function(t)
	local vm = t:machine()
	local pages = t:pages(0x4000)
	vm:hva_map(pages)
	vm:gpa_map { pages = pages, gpa = 0x10000, size = 0x2000 }
	t:mark()
	t:fails("EINVAL", function()
		vm:gpa_map { pages = pages, gpa = 0x11000, size = 0x1000 }
	end)
	t:ioctls {}
	t:counts { baseline = 0 }
end)

test("the library unmaps only what it has mapped", function(t)
	local vm = t:machine()
	local pages = t:pages(0x2000)
	vm:hva_map(pages)
	vm:gpa_map { pages = pages, gpa = 0x10000 }
	t:mark()
	t:fails("ESRCH", function()
		vm:gpa_unmap { pages = pages, gpa = 0x10000, size = 0x1000 }
	end)
	t:ioctls {}
end)

test("a refused guest mapping leaves no trace in the library", function(t)
	local vm = t:machine()
	local pages = t:pages(0x1000)
	t:fails("EINVAL", function() vm:gpa_map { pages = pages, gpa = 0 } end)
	t:fails("ENOENT", function() vm:gpa_to_hva(0) end)
	vm:hva_map(pages)
	vm:gpa_map { pages = pages, gpa = 0 }
	t:expect((vm:gpa_to_hva(0x123)), pages.hva + 0x123)
end)

test("gpa_to_hva knows addresses and rights", function(t)
	local vm = t:machine()
	local ram = vm:ram { gpa = 0x100000, size = 0x2000, prot = "rx" }
	local hva, prot = vm:gpa_to_hva(0x101fff)
	t:expect(hva, ram.hva + 0x1fff)
	t:expect(prot, "rx")
	t:fails("ENOENT", function() vm:gpa_to_hva(0x102000) end)
	t:ioctls {}
end)

test("the guest keeps memory that the VMM has unmapped from itself",
    function(t)
	local vm = t:machine()
	local pages = t:pages(0x1000)
	local cpu = vm:vcpu(0)
	vm:hva_map(pages)
	pages:write(0, "\x2a")
	vm:gpa_map { pages = pages, gpa = 0 }
	vm:hva_unmap(pages)
	cpu:will(guest.read { gpa = 0 }, guest.hlt())
	cpu:run()
	t:expect(cpu.exit.reason, "halted")
	t:expect(cpu.truth.rax & 0xff, 0x2a)
end)

test("quirk gpa-unmap-top: the last page cannot be unmapped",
    { quirks = "gpa-unmap-top" }, function(t)
	local vm = t:machine()
	local pages = t:pages(0x1000)
	local top = { pages = pages, gpa = max_ram(t) - 0x1000 }
	vm:hva_map(pages)
	vm:gpa_map(top)
	t:fails("EINVAL", function() vm:gpa_unmap(top) end)
	t:expect((vm:gpa_to_hva(top.gpa)), pages.hva)
end)

test("without gpa-unmap-top it can", { quirks = "none" }, function(t)
	local vm = t:machine()
	local pages = t:pages(0x1000)
	local top = { pages = pages, gpa = max_ram(t) - 0x1000 }
	vm:hva_map(pages)
	vm:gpa_map(top)
	vm:gpa_unmap(top)
end)

test("quirk hva-map-inside: caller and guest see different memory",
    { quirks = "hva-map-inside" }, function(t)
	local vm = t:machine()
	local cpu = vm:vcpu(0)
	local pages = t:pages(0x4000)
	vm:hva_map(pages)
	pages:write(0x1000, "\x11")
	vm:hva_map(pages, 0x1000, 0x1000)
	t:expect(pages:read(0x1000, 1), "\0")
	vm:gpa_map { pages = pages, gpa = 0 }
	cpu:will(guest.read { gpa = 0x1000 }, guest.hlt())
	cpu:run()
	t:expect(cpu.truth.rax & 0xff, 0x11)
end)

test("without hva-map-inside it is refused", { quirks = "none" }, function(t)
	local vm = t:machine()
	local pages = t:pages(0x4000)
	vm:hva_map(pages)
	t:fails("EEXIST", function() vm:hva_map(pages, 0x1000, 0x1000) end)
end)
