-- libnvmm's assists and address look-ups: what they do, and that they ask
-- the kernel for nothing that an exit has brought along.

test("OUT of each size reaches the device", function(t)
	local cpu = t:machine():vcpu(0)
	local sizes = { [1] = "\x78", [2] = "\x78\x56", [4] = "\x78\x56\x34\x12" }
	for size, bytes in pairs(sizes) do
		cpu:will(guest.out { port = 0xcf8, size = size,
		    value = 0x12345678 })
		cpu:run()
		cpu:assist_io(function(io)
			t:expect(io.port, 0xcf8)
			t:expect(io.size, size)
			t:expect(io.data, bytes)
		end)
	end
	t:ioctls { VCPU_RUN = 3 }
end)

test("IN to AL and AX keeps the rest of RAX, to EAX clears it", function(t)
	local cpu = t:machine():vcpu(0)
	local expected = { [1] = 0xffffffffffffffaa,
	    [2] = 0xffffffffffffbbaa, [4] = 0x00000000ddccbbaa }
	for size, value in pairs(expected) do
		cpu:get("gprs")
		cpu:set { rax = -1 }
		cpu:will(guest.inp { port = 0x60, size = size })
		cpu:run()
		cpu:assist_io(function(io)
			t:expect(io.input, true)
			return 0xddccbbaa
		end)
		cpu:get("gprs")
		t:expect(cpu.state.rax, value)
	end
end)

test("the I/O assist moves RIP on, at the next run", function(t)
	local cpu = t:machine():vcpu(0)
	cpu:will(guest.out { port = 0x80 })
	cpu:run()
	local npc = cpu.exit.npc
	cpu:assist_io(function() end)
	cpu:will(guest.hlt())
	cpu:run()
	t:expect(cpu.truth.rip, npc + 1)
	t:ioctls { VCPU_RUN = 2 }
	t:bytes { commit = { gprs = 144 } }
end)

test("REP OUTS of guest memory comes in batches of 32 bytes", function(t)
	local vm = t:machine()
	local ram = vm:ram { gpa = 0x1000, size = 0x1000 }
	local cpu = vm:vcpu(0)
	local sent = ""
	ram:write(0, string.rep("0123456789abcdef", 3))
	cpu:will(guest.outs { port = 0x3f8, size = 1, address = 0x1000,
	    count = 48 })
	cpu:run()
	cpu:assist_io(function(io) sent = sent .. io.data end)
	t:expect(#sent, 32)
	cpu:run()
	t:expect(cpu.exit.reason, "io")
	cpu:assist_io(function(io) sent = sent .. io.data end)
	t:expect(sent, string.rep("0123456789abcdef", 3))
	cpu:will(guest.hlt())
	cpu:run()
	t:expect(cpu.truth.rcx, 0)
	t:expect(cpu.truth.rsi, 0x1030)
	t:ioctls { VCPU_RUN = 3 }
end)

test("INS writes to guest memory", function(t)
	local vm = t:machine()
	local ram = vm:ram { gpa = 0x1000, size = 0x1000 }
	local cpu = vm:vcpu(0)
	cpu:will(guest.ins { port = 0x1f0, size = 2, address = 0x1010 })
	cpu:run()
	cpu:assist_io(function() return 0xbbaa end)
	t:expect(ram:read(0x10, 3), "\xaa\xbb\0")
	t:ioctls { VCPU_RUN = 1 }
end)

test("REP with a count of 0 asks no device", function(t)
	local cpu = t:machine():vcpu(0)
	cpu:will(guest.outs { port = 0x3f8, address = 0, count = 0 })
	cpu:run()
	local npc = cpu.exit.npc
	local asked = 0
	cpu:assist_io(function() asked = asked + 1 end)
	t:expect(asked, 0, "elements")
	cpu:get("gprs")
	t:expect(cpu.state.rip, npc)
end)

test("the I/O assist of another exit is EINVAL, and no syscall", function(t)
	local cpu = t:machine():vcpu(0)
	cpu:will(guest.hlt())
	cpu:run()
	t:fails("EINVAL", function() cpu:assist_io(function() end) end)
	t:fails("EINVAL", function() cpu:assist_mem(function() end) end)
	t:ioctls { VCPU_RUN = 1 }
end)

test("an assist that fails commits nothing", function(t)
	local cpu = t:machine():vcpu(0)
	cpu:will(guest.outs { port = 0x3f8, address = 0xfff0, count = 1,
	    size = 4 })
	cpu:run()
	cpu:get("segs")
	cpu:set { ["ds.limit"] = 0xfff }
	t:fails("EFAULT", function()
		cpu:assist_io(function() return 0 end)
	end)
	t:page(cpu, { commit = "segs" })
	t:expect(cpu.truth.rcx, 1)
end)

test("a store to a device, in each mode of the guest", function(t)
	local vm = t:machine()
	local cpu = vm:vcpu(0)
	for _, mode in ipairs { "real", "protected", "long" } do
		cpu:will(guest.mode(mode),
		    guest.write { gpa = 0xfed00010, size = 4, value = 0xcafe })
		cpu:run()
		t:expect(cpu.exit.reason, "memory", mode)
		cpu:assist_mem(function(mem)
			t:expect(mem.write, true, mode)
			t:expect(mem.gpa, 0xfed00010, mode)
			t:expect(mem.data, "\xfe\xca\0\0", mode)
		end)
	end
	t:ioctls { VCPU_RUN = 3 }
end)

test("a load from a device, of each size", function(t)
	local cpu = t:machine():vcpu(0)
	local expected = { [1] = 0x88, [2] = 0x7788, [4] = 0x55667788,
	    [8] = 0x1122334455667788 }
	for size, value in pairs(expected) do
		cpu:get("gprs")
		cpu:set { rax = 0 }
		cpu:will(guest.mode "long",
		    guest.read { gpa = 0xfed000f0, size = size })
		cpu:run()
		cpu:assist_mem(function(mem)
			t:expect(mem.size, size)
			return 0x1122334455667788
		end)
		cpu:get("gprs")
		t:expect(cpu.state.rax, value, size .. " bytes")
	end
end)

test("without paging a guest-virtual address is a physical one", function(t)
	local cpu = t:machine():vcpu(0)
	local gpa, prot = cpu:gva_to_gpa(0x12345)
	t:expect(gpa, 0x12345)
	t:expect(prot, "rwxu")
	t:ioctls {}
end)

test("gva_to_gpa walks the guest's page tables", function(t)
	local vm = t:machine()
	local ram = vm:ram { gpa = 0x10000, size = 0x4000 }
	local cpu = vm:vcpu(0)
	-- Directory at 0x10000, table at 0x11000: 0x400000 is at 0x12000.
	ram:write(4, "\x07\x10\x01\x00")
	ram:write(0x1000, "\x05\x20\x01\x00")
	cpu:set { cr0 = 0x80000011, cr3 = 0x10000 }
	local gpa, prot = cpu:gva_to_gpa(0x400123)
	t:expect(gpa, 0x12123)
	t:expect(prot, "rxu")
	t:fails("EFAULT", function() cpu:gva_to_gpa(0x401000) end)
	t:ioctls {}
end)

test("gva_to_gpa asks for what it needs, once", function(t)
	local cpu = t:machine():vcpu(0)
	cpu:will(guest.hlt())
	cpu:run()
	cpu:gva_to_gpa(0x1000)
	cpu:gva_to_gpa(0x2000)
	t:page(cpu, { cached = "crs|msrs" })
	t:ioctls { VCPU_RUN = 1, VCPU_GETSTATE = 1 }
end)

test("dump prints the registers", function(t)
	local cpu = t:machine():vcpu(0)
	cpu:set { rbx = 0xdeadbeef }
	local text = cpu:dump():lower()
	t:expect(text:find("deadbeef", 1, true) ~= nil, true)
	t:ioctls {}
end)
