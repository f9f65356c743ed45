-- Failures that only a harness can cause: no memory in the kernel, and calls
-- that fail for no reason of their own.

local page = 0x1000

-- One row per ioctl that allocates, as in the driver's table of errors.
local out_of_memory = {
	MACHINE_CREATE = function(t) t:machine() end,
	VCPU_CREATE = function(t, vm) vm:vcpu(1) end,
	GPA_MAP = function(t, vm, ram, pages)
		vm:gpa_map { pages = pages, gpa = 0x40000 }
	end,
	GPA_UNMAP = function(t, vm, ram)
		vm:gpa_unmap { pages = ram, gpa = 0 }
	end,
	HVA_MAP = function(t, vm) vm:hva_map(t:pages(page)) end,
}

for ioctl, call in pairs(out_of_memory) do
	test(ioctl .. ": ENOMEM, and then it succeeds (t:fail)", function(t)
		local vm = t:machine()
		local ram, pages = vm:ram { gpa = 0 }, t:pages(page)
		local cpu = vm:vcpu(0)
		vm:hva_map(pages)
		t:fail { ioctl = ioctl, errno = "ENOMEM" }
		t:fails("ENOMEM", function() call(t, vm, ram, pages) end)
		-- Nothing is left of the failure.
		call(t, vm, ram, pages)
		cpu:will(guest.hlt())
		t:expect(cpu:run(), "halted")
	end)
end

test("the nth call fails, those around it do not (t:fail)", function(t)
	local vm = t:machine()
	t:fail { ioctl = "CTL", nth = 2, errno = "EIO" }
	t:expect(vm:info().vcpus, 0)
	t:fails("EIO", function() vm:info() end)
	t:expect(vm:info().vcpus, 0)
	t:expect(vm:info().vcpus, 0)
	t:ioctls { CTL = 4 }
end)

test("a failed run keeps what waits for its commit (t:fail)", function(t)
	t:needs_comm("setstate and inject reach the VCPU at once")
	local cpu = t:machine():vcpu(0)
	cpu:set { rbx = 7, rflags = 0x202 }
	cpu:inject { type = "intr", vector = 0x21 }
	t:fail { ioctl = "VCPU_RUN", errno = "EINTR" }
	t:fails("EINTR", function() cpu:run() end)
	t:page(cpu, { commit = "gprs", cached = "all" })
	cpu:will(guest.hlt())
	cpu:run()
	t:expect(cpu.truth.rbx, 7)
	t:expect(#cpu:events(), 1)
end)

test("a failed getstate is asked again (t:fail)", { policy = "netbsd" },
    function(t)
	local cpu = t:machine():vcpu(0)
	cpu:will(guest.hlt())
	cpu:run()
	t:fail { ioctl = "VCPU_GETSTATE", errno = "EIO" }
	t:fails("EIO", function() cpu:get("drs") end)
	t:page(cpu, { cached = "" })
	cpu:get("drs")
	t:expect(cpu.state.dr7, 0x400)
end)

test("an assist whose getstate fails changes nothing (t:fail)",
    { policy = "none" }, function(t)
	local cpu = t:machine():vcpu(0)
	cpu:will(guest.out { port = 0x80, value = 7 })
	cpu:run()
	t:fail { ioctl = "VCPU_GETSTATE", errno = "EIO" }
	t:fails("EIO", function()
		cpu:assist_io(function() t:expect(true, false) end)
	end)
	cpu:assist_io(function(io) t:expect(io.data, "\7") end)
end)

test("the device cannot be opened (t:fail)", function(t)
	t:fail { other = "open", errno = "ENFILE" }
	t:fails("ENFILE", function() t:driver() end)
	t:driver()
end)

test("a comm page that cannot be mapped leaves no VCPU (t:fail)",
    function(t)
	if t.abi == "v3" then t:skip("v3 has no mmap") end
	local vm = t:machine()
	t:fail { other = "mmap", errno = "ENOMEM" }
	t:fails("ENOMEM", function() vm:vcpu(0) end)
	t:expect(vm:info().vcpus, 0)
	vm:vcpu(0)
end)

test("hardware that fails the entry", function(t)
	local cpu = t:machine():vcpu(0)
	cpu:will(guest.hlt())
	cpu:host("entry_failure")
	t:expect(cpu:run(), "invalid")
	t:expect(cpu.exit.hwcode, -1)
	t:expect(cpu:run(), "halted")
end)

test("nested page tables that are wrong", function(t)
	local cpu = t:machine():vcpu(0)
	cpu:will(guest.hlt())
	cpu:host("misconfiguration")
	t:expect(cpu:run(), "invalid")
	t:expect(cpu.exit.hwcode, t.cpu == "vmx" and 49 or -1)
	t:expect(cpu:run(), "halted")
end)
