-- Several machines, several VCPUs, and their ends.

test("two VCPUs have a comm page each", function(t)
	local vm = t:machine()
	local a, b = vm:vcpu(0), vm:vcpu(1)
	a:set { rbx = 0xa }
	b:set { rbx = 0xb }
	a:will(guest.hlt())
	b:will(guest.out { port = 0x80 })
	a:run()
	b:run()
	t:expect(a.truth.rbx, 0xa)
	t:expect(b.truth.rbx, 0xb)
	t:page(a, { cached = "" })
	t:page(b, { cached = "gprs|segs|crs|msrs" })
	t:ioctls { VCPU_RUN = 2 }
end)

test("running one VCPU leaves the other's page alone", function(t)
	local vm = t:machine()
	local a, b = vm:vcpu(0), vm:vcpu(1)
	b:set { rcx = 1 }
	a:will(guest.hlt())
	a:run()
	t:page(b, { cached = "all", commit = "gprs" })
end)

test("two machines do not see each other's state", function(t)
	local one, two = t:machine(), t:machine()
	local a, b = one:vcpu(0), two:vcpu(0)
	t:expect(two.id, one.id + 1)
	a:set { rbx = 0xa }
	a:will(guest.hlt())
	b:will(guest.hlt())
	a:run()
	b:run()
	t:expect(a.truth.rbx, 0xa)
	t:expect(b.truth.rbx, 0)
end)

test("two machines do not see each other's memory", function(t)
	local one, two = t:machine(), t:machine()
	one:ram { gpa = 0x1000 }
	local a, b = one:vcpu(0), two:vcpu(0)
	local store = guest.write { gpa = 0x1000, value = 1 }
	a:will(store, guest.hlt())
	b:will(store)
	a:run()
	b:run()
	t:expect(a.exit.reason, "halted")
	t:expect(b.exit.reason, "memory")
end)

test("a miss asks about its own VCPU and machine", function(t)
	local one, two = t:machine(), t:machine()
	one:vcpu(0)
	one:vcpu(1)
	two:vcpu(0)
	local cpu = two:vcpu(1)
	cpu:set { dr0 = 0x21 }
	cpu:will(guest.hlt())
	cpu:run()
	cpu:get("drs")
	t:expect(cpu.state.dr0, 0x21)
	t:page(cpu, { cached = "drs" })
	t:ioctls { VCPU_RUN = 1, VCPU_GETSTATE = 1 }
end)

test("a VCPU cannot be created twice", function(t)
	local vm = t:machine()
	vm:vcpu(3)
	t:fails("EBUSY", function() vm:vcpu(3) end)
	t:fails("EINVAL", function() vm:vcpu(256) end)
end)

test("a VCPU that is created again starts from reset", function(t)
	local vm = t:machine()
	local cpu = vm:vcpu(0)
	cpu:set { rbx = 0xb }
	cpu:will(guest.hlt())
	cpu:run()
	cpu:destroy()
	cpu = vm:vcpu(0)
	t:expect(cpu.state.rbx, 0)
	t:expect(cpu.state.rip, 0xfff0)
	t:page(cpu, { cached = "all", commit = "" })
end)

test("a machine's number is free again after its end", function(t)
	local vm = t:machine()
	local id = vm.id
	vm:destroy()
	t:expect(t:machine().id, id)
	t:ioctls { MACHINE_DESTROY = 1 }
end)

test("two hundred machines in a row", function(t)
	for i = 1, 200 do
		local vm = t:machine()
		local cpu = vm:vcpu(0)
		cpu:will(guest.hlt())
		cpu:run()
		vm:destroy()
	end
	t:ioctls { VCPU_RUN = 200, MACHINE_DESTROY = 200 }
end)

test("a configuration that makes no sense is refused", function(t)
	local cpu = t:machine():vcpu(0)
	t:fails("EINVAL", function()
		cpu:configure_cpuid { leaf = 1, exit = true, mask = true }
	end)
	t:fails("EINVAL", function()
		cpu:configure_cpuid { leaf = 1, mask = true,
		    set = { eax = 1 }, del = { eax = 1 } }
	end)
	cpu:configure_cpuid { leaf = 1 }
end)

test("only 32 CPUID leaves can be configured", function(t)
	local cpu = t:machine():vcpu(0)
	for leaf = 0, 31 do
		cpu:configure_cpuid { leaf = leaf, exit = true }
	end
	t:fails("ENOBUFS", function()
		cpu:configure_cpuid { leaf = 32, exit = true }
	end)
	cpu:configure_cpuid { leaf = 0 }
	cpu:configure_cpuid { leaf = 32, exit = true }
end)

test("exits on TPR changes are vmx's alone", function(t)
	local cpu = t:machine():vcpu(0)
	if t.cpu == "vmx" then
		cpu:configure_tpr(true)
	else
		t:fails("EINVAL", function() cpu:configure_tpr(true) end)
	end
end)

test("the driver tells about a machine", function(t)
	local vm = t:machine()
	vm:vcpu(0)
	vm:vcpu(7)
	vm:ram { gpa = 0, size = 0x3000 }
	local info = vm:info()
	t:expect(info.vcpus, 2)
	t:expect(info.ram, 0x3000)
	t:ioctls { CTL = 1 }
end)

test("a machine has nothing to configure", function(t)
	local vm = t:machine()
	t:fails("EINVAL", function() vm:configure(0) end)
	t:fails("EINVAL", function() vm:configure(200) end)
end)

test("the root owner runs machines like anybody", { root = true },
    function(t)
	local cpu = t:machine():vcpu(0)
	cpu:will(guest.hlt())
	cpu:run()
	t:expect(cpu.exit.reason, "halted")
end)
