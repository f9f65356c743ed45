-- How much there can be of everything.

test("128 machines, and no more", function(t)
	local d = t:driver()
	for machid = 0, 127 do
		t:expect(d:ioctl("MACHINE_CREATE").machid, machid)
	end
	t:fails("ENOBUFS", function() d:ioctl("MACHINE_CREATE") end)
end)

test("a new machine gets the lowest free number", function(t)
	local d = t:driver()
	for _ = 1, 10 do d:ioctl("MACHINE_CREATE") end
	d:ioctl("MACHINE_DESTROY", { machid = 7 })
	d:ioctl("MACHINE_DESTROY", { machid = 3 })
	t:expect(d:ioctl("MACHINE_CREATE").machid, 3)
	t:expect(d:ioctl("MACHINE_CREATE").machid, 7)
	t:expect(d:ioctl("MACHINE_CREATE").machid, 10)
end)

test("as many VCPUs as the generation allows", function(t)
	local vm = t:machine()
	local most = t.abi == "v3" and 128 or 256
	for id = 0, most - 1 do vm:vcpu(id) end
	t:fails("EINVAL", function() vm:vcpu(most) end)
	t:expect(vm:info().vcpus, most)
end)

test("the last VCPU runs like the first", function(t)
	local last = t.abi == "v3" and 127 or 255
	local cpu = t:machine():vcpu(last)
	cpu:will(guest.cpuid { leaf = 1 }, guest.hlt())
	t:expect(cpu:run(), "halted")
	t:expect(cpu.truth.rbx >> 24, last)
end)

test("a machine beyond the last is EINVAL, one that is not there ENOENT",
    function(t)
	local d = t:driver()
	for machid, errno in pairs { [127] = "ENOENT", [128] = "EINVAL",
	    [0xffffffff] = "EINVAL" } do
		t:fails(errno, function()
			d:ioctl("MACHINE_DESTROY", { machid = machid })
		end)
	end
end)

test("32 host mappings, and one more after an unmapping", function(t)
	local vm = t:machine()
	local pages = t:pages(34 * 0x1000)
	for i = 0, 31 do vm:hva_map(pages, i * 0x1000, 0x1000) end
	t:fails("ENOBUFS", function() vm:hva_map(pages, 0x20000, 0x1000) end)
	vm:hva_unmap(pages, 0x5000, 0x1000)
	vm:hva_map(pages, 0x20000, 0x1000)
end)

test("guest memory may lie just below the limit", function(t)
	local top = t:driver():ioctl("CAPABILITY").max_ram
	local vm = t:machine()
	local pages = t:pages(0x1000)
	vm:hva_map(pages)
	vm:gpa_map { pages = pages, gpa = top - 0x1000 }
	t:fails("EINVAL", function()
		vm:gpa_map { pages = pages, gpa = top }
	end)
	local cpu = vm:vcpu(0)
	cpu:will(guest.mode "long",
	    guest.write { gpa = top - 1, value = 0x41 },
	    guest.write { gpa = top, value = 0x42 })
	t:expect(cpu:run(), "memory")
	t:expect(cpu.exit.gpa, top)
	t:expect(pages:read(0xfff, 1), "A")
end)

test("two guests at once", function(t)
	local one, two = t:machine(), t:machine()
	local a, b = one:vcpu(0), two:vcpu(0)
	for i = 1, 20 do
		a:will(guest.out { port = 1, value = i })
		b:will(guest.out { port = 2, value = 100 + i })
		a:run()
		b:run()
		a:assist_io(function(io) t:expect(io.data:byte(), i) end)
		b:assist_io(function(io) t:expect(io.data:byte(), 100 + i) end)
	end
end)
