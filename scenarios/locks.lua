-- What waits while a VCPU runs, and what does not.  In each test a guest
-- spins, which holds its VCPU and shares its machine; t:blocks() expects a
-- call to wait for that, and ends the run by a signal when it does.

-- With a machine, a VCPU of it that spins, and the root owner.
local function while_running(name, f)
	test(name, function(t)
		local vm = t:machine()
		local cpu = vm:vcpu(0)
		local root = t:driver { flags = "wronly|cloexec" }
		cpu:will(guest.spin()):meanwhile(function()
			f(t, vm, cpu, root)
		end)
		cpu:run()
	end)
end

-- A call that must wait.
local function waits(name, f)
	while_running(name .. " waits until the VCPU has left the guest",
	    function(t, vm, cpu, root)
		t:blocks(function() f(t, vm, cpu, root) end)
	end)
end

-- Those that want the whole machine.
waits("destroying the machine", function(t, vm) vm:destroy() end)
waits("HVA_MAP", function(t, vm) vm:hva_map(t:pages(0x1000)) end)
waits("HVA_UNMAP", function(t, vm)
	t:fails("ENOENT", function() vm:hva_unmap(t:pages(0x1000)) end)
end)
waits("asking about the machine", function(t, vm)
	t:expect(vm:info().vcpus, 1)
end)
waits("creating a machine", function(t) t:machine() end)
waits("the last close of any descriptor", function(t) t:driver():close() end)

-- Those that want the VCPU.
waits("a get that misses", function(t, vm, cpu)
	cpu:get("drs")
	t:expect(cpu.state.dr7, 0x400)
end)
waits("destroying the VCPU", function(t, vm, cpu) cpu:destroy() end)
waits("creating a VCPU that runs", function(t, vm)
	t:fails("EBUSY", function() vm:vcpu(0) end)
end)
waits("configuring the VCPU", function(t, vm, cpu)
	cpu:configure_cpuid { leaf = 1, exit = true }
end)
for _, ioctl in ipairs { "GETSTATE", "SETSTATE" } do
	waits("a VCPU_" .. ioctl .. " of it", function(t, vm, cpu, root)
		root:ioctl("VCPU_" .. ioctl, { machid = vm.id, cpuid = 0 })
	end)
end
waits("a VCPU_INJECT of it", function(t, vm, cpu, root)
	-- The event of a new page is of type EXCP, with vector 0.
	t:fails("EINVAL", function()
		root:ioctl("VCPU_INJECT", { machid = vm.id, cpuid = 0 })
	end)
end)

-- A call that must not.
local function goes_on(name, f)
	while_running(name .. " does not wait for a VCPU that runs",
	    function(t, vm, cpu, root)
		f(t, vm, cpu, root)
		cpu:host("signal")
	end)
end

goes_on("creating, using and destroying another VCPU", function(t, vm)
	local other = vm:vcpu(1)
	other:set { rbx = 7 }
	other:will(guest.hlt())
	t:expect(other:run(), "halted")
	other:get("gprs")
	t:expect(other.state.rbx, 7)
	other:configure_cpuid { leaf = 1, exit = true }
	other:destroy()
end)
goes_on("a get of what is cached", function(t, vm)
	vm:vcpu(1):get("all")
end)
goes_on("opening the device", function(t) t:driver() end)
goes_on("CAPABILITY", function(t, vm, cpu, root)
	t:expect(root:ioctl("CAPABILITY").max_machines, 128)
end)
goes_on("mapping the comm page", function(t, vm, cpu, root)
	if t.abi == "v3" then t:skip("v3 has no mmap") end
	root:mmap { machid = vm.id, cpuid = 0 }
end)
goes_on("a look-up that fails", function(t, vm, cpu, root)
	t:fails("ENOENT", function()
		root:ioctl("VCPU_RUN", { machid = vm.id, cpuid = 9 })
	end)
	t:fails("EINVAL", function()
		root:ioctl("HVA_MAP", { machid = 128 })
	end)
end)

test("guest memory comes and goes while VCPUs run", function(t)
	local vm = t:machine()
	local cpu, other = vm:vcpu(0), vm:vcpu(1)
	local pages = t:pages(0x1000)
	vm:hva_map(pages)
	cpu:will(guest.spin()):meanwhile(function()
		vm:gpa_map { pages = pages, gpa = 0x1000 }
		other:will(guest.write { gpa = 0x1000, value = 0x41 },
		    guest.hlt())
		t:expect(other:run(), "halted")
		vm:gpa_unmap { pages = pages, gpa = 0x1000 }
		other:will(guest.write { gpa = 0x1000, value = 0x42 })
		t:expect(other:run(), "memory")
		cpu:host("signal")
	end)
	cpu:run()
	t:expect(pages:read(0, 1), "A")
end)

test("what is mapped while the VCPU runs is there for it", function(t)
	local vm = t:machine()
	local cpu = vm:vcpu(0)
	local pages = t:pages(0x1000)
	vm:hva_map(pages)
	cpu:will(guest.spin()):meanwhile(function()
		vm:gpa_map { pages = pages, gpa = 0x1000 }
		cpu:host("signal")
	end)
	cpu:run()
	cpu:will(guest.write { gpa = 0x1000, value = 0x41 }, guest.hlt())
	t:expect(cpu:run(), "halted")
	t:expect(pages:read(0, 1), "A")
end)

test("a stop from another thread ends the run", { abi = "v2" }, function(t)
	local cpu = t:machine():vcpu(0)
	if not t.has_stop then t:skip("this libnvmm has no nvmm_vcpu_stop") end
	cpu:will(guest.spin()):meanwhile(function() cpu:stop() end)
	t:expect(cpu:run(), "stopped")
end)

test("a stop kicks nobody: the caller goes on at once", { abi = "v2" },
    function(t)
	local vm = t:machine()
	local cpu = vm:vcpu(0)
	local order = ""
	if not t.has_stop then t:skip("this libnvmm has no nvmm_vcpu_stop") end
	cpu:will(guest.spin()):meanwhile(function()
		cpu:stop()
		order = order .. "stopped "
		-- This one waits, and the stop lets it go on.
		vm:hva_map(t:pages(0x1000))
		order = order .. "mapped"
	end)
	cpu:run()
	t:expect(order, "stopped mapped")
end)

test("after a destroy the next run finds nothing", function(t)
	local vm = t:machine()
	local cpu = vm:vcpu(0)
	local root = t:driver { flags = "wronly|cloexec" }
	cpu:will(guest.spin()):meanwhile(function()
		t:blocks(function() vm:destroy() end)
	end)
	cpu:run()
	t:fails("ENOENT", function()
		root:ioctl("VCPU_RUN", { machid = 0, cpuid = 0 })
	end)
end)

test("a new machine is looked for from slot 0 up, and waits there",
    function(t)
	local first = t:machine()
	local cpu = first:vcpu(0)
	local second
	cpu:will(guest.spin()):meanwhile(function()
		t:blocks(function() second = t:machine() end)
	end)
	t:expect(cpu:run(), "none")
	t:expect(second.id, first.id + 1)
end)

test("two VCPUs that run both have to leave", function(t)
	local vm = t:machine()
	local a, b = vm:vcpu(0), vm:vcpu(1)
	a:will(guest.spin()):meanwhile(function()
		b:will(guest.spin()):meanwhile(function()
			t:blocks(function() vm:hva_map(t:pages(0x1000)) end)
		end)
		t:expect(b:run(), "none")
	end)
	t:expect(a:run(), "none")
end)
