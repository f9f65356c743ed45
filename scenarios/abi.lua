-- What the three generations of the interface differ in.

local versions = { v1 = 1, v2 = 2, v3 = 3 }

test("capability: what all generations tell", function(t)
	local cap = t:driver():ioctl("CAPABILITY")
	t:expect(cap.version, versions[t.abi])
	t:expect(cap.state_size, 1008)
	t:expect(cap.max_machines, 128)
	t:expect(cap.mach_conf_support, 0)
	t:expect(cap.vcpu_conf_support, t.cpu == "vmx" and 3 or 1)
	t:expect(cap.xcr0_mask, 3)
	t:expect(cap.conf_cpuid_maxops, 32)
end)

test("capability: 256 VCPUs and 128 GiB, or 128 and 127 TiB", function(t)
	local cap = t:driver():ioctl("CAPABILITY")
	local v3 = t.abi == "v3"
	t:expect(cap.max_vcpus, v3 and 128 or 256)
	t:expect(cap.max_ram, v3 and 127 << 40 or 128 << 30)
end)

test("capability: v3 tells the comm page's size", { abi = "v3" },
    function(t)
	t:expect(t:driver():ioctl("CAPABILITY").comm_size, 4096)
end)

for _, row in ipairs { { abi = "v1", bytes = 104 },
    { abi = "v2", bytes = 104 }, { abi = "v3", bytes = 112 } } do
	test("capability: " .. row.bytes .. " bytes in " .. row.abi,
	    { abi = row.abi }, function(t)
		local d = t:driver()
		local command = 0x40004e00 | row.bytes << 16
		local bytes = d:ioctl(command, ("\xff"):rep(row.bytes))
		t:expect((("<I4"):unpack(bytes)), versions[t.abi])
		-- Nothing of what was there before is left.
		t:expect(bytes:find("\xff\xff\xff\xff", 1, true), nil)
	end)
end

test("v1 and v2: the comm page is mapped by its offset", function(t)
	if t.abi == "v3" then t:skip("v3 has no mmap") end
	local d = t:driver()
	local machid = d:ioctl("MACHINE_CREATE").machid
	-- Before there is a VCPU, and for whoever comes later.
	local page = d:mmap { machid = machid, cpuid = 5 }
	t:expect(page:read(8, 1), "\0")
	d:ioctl("VCPU_CREATE", { machid = machid, cpuid = 5 })
	t:expect(page:read(8, 1), "\x7f", "state_cached")
	d:ioctl("VCPU_DESTROY", { machid = machid, cpuid = 5 })
	page:write(8, "\0")
	d:ioctl("VCPU_CREATE", { machid = machid, cpuid = 5 })
	t:expect(page:read(8, 1), "\x7f", "state_cached, created again")
	page:unmap()
end)

test("v3: VCPU_CREATE maps the comm page, read and write",
    { abi = "v3" }, function(t)
	local d = t:driver()
	local machid = d:ioctl("MACHINE_CREATE").machid
	local page = d:ioctl("VCPU_CREATE",
	    { machid = machid, cpuid = 0 }).comm
	t:expect(page:read(8, 1), "\x7f", "state_cached")
	page:write(8, "\0")
	page:write(0, "\2")
	d:ioctl("VCPU_GETSTATE", { machid = machid, cpuid = 0 })
	t:expect(page:read(8, 1), "\2", "state_cached")
	page:unmap()
end)

test("v3: the page stays until the caller unmaps it", { abi = "v3" },
    function(t)
	local d = t:driver()
	local machid = d:ioctl("MACHINE_CREATE").machid
	local page = d:ioctl("VCPU_CREATE",
	    { machid = machid, cpuid = 0 }).comm
	d:ioctl("VCPU_DESTROY", { machid = machid, cpuid = 0 })
	t:expect(#page:read(0, 4096), 4096)
	page:unmap()
end)

test("only v2 has a stop word", function(t)
	t:expect(t.has_stop, t.abi == "v2")
end)

test("v1 knows no stop word in the page", { abi = "v1" }, function(t)
	local vm = t:machine()
	local cpu = vm:vcpu(0)
	local root = t:driver { flags = "wronly|cloexec" }
	local page = root:mmap { machid = vm.id, cpuid = 0 }
	page:write(1064, "\1")
	cpu:will(guest.hlt())
	t:expect(cpu:run(), "halted")
end)

test("v2: the stop word is cleared by every return", { abi = "v2" },
    function(t)
	local vm = t:machine()
	local cpu = vm:vcpu(0)
	local root = t:driver { flags = "wronly|cloexec" }
	local page = root:mmap { machid = vm.id, cpuid = 0 }
	page:write(1064, "\1")
	t:expect(cpu:run(), "stopped")
	t:expect(page:read(1064, 4), "\0\0\0\0")
end)

test("v3 keeps an exit that meets a signal", { abi = "v3" }, function(t)
	local cpu = t:machine():vcpu(0)
	cpu:will(guest.hlt())
	cpu:host("signal", 1)
	t:expect(cpu:run(), "halted")
end)

for _, other in ipairs { "v2", "v3" } do
	test("a descriptor speaks one generation: not " .. other .. " as well",
	    function(t)
		if t.abi == other or (t.abi == "v1" and other == "v2") then
			t:skip("for other generations only")
		end
		local d, o = t:driver(), t:driver { abi = other }
		d:ioctl("CAPABILITY")
		if t.abi == "v1" then
			t:fails("EINVAL", function() o:ioctl("CAPABILITY") end)
		end
		-- The same ioctls otherwise.
		o:ioctl("MACHINE_CREATE")
	end)
end
