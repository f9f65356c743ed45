-- Who owns a machine: the descriptor that created it, all its duplicates,
-- and, for all that are open for writing only, one root owner.

local function gone(t, machid)
	local root = t:driver { flags = "wronly|cloexec" }
	t:fails("ENOENT", function()
		root:ioctl("MACHINE_DESTROY", { machid = machid })
	end)
end

test("each open is an owner of its own", function(t)
	local mine, other = t:driver(), t:driver()
	local machid = mine:ioctl("MACHINE_CREATE").machid
	t:fails("EPERM", function()
		other:ioctl("VCPU_CREATE", { machid = machid, cpuid = 0 })
	end)
	t:fails("EPERM", function()
		other:ioctl("MACHINE_DESTROY", { machid = machid })
	end)
	mine:ioctl("MACHINE_DESTROY", { machid = machid })
end)

test("a library's machine is the library's own", function(t)
	local vm = t:machine()
	vm:vcpu(0)
	local other = t:driver()
	t:fails("EPERM", function()
		other:ioctl("VCPU_RUN", { machid = vm.id, cpuid = 0 })
	end)
	t:fails("EPERM", function()
		other:ioctl("CTL", {
			op = "mach_info", data = { machid = vm.id }, size = 32
		})
	end)
end)

test("ownership comes before the VCPU's number", function(t)
	local vm = t:machine()
	local other = t:driver()
	t:fails("EPERM", function()
		other:ioctl("VCPU_RUN", { machid = vm.id, cpuid = 1000 })
	end)
end)

test("the root owner may operate every machine", function(t)
	local vm = t:machine()
	local cpu = vm:vcpu(0)
	local root = t:driver { flags = "wronly|cloexec" }
	cpu:will(guest.hlt())
	local exit = root:ioctl("VCPU_RUN",
	    { machid = vm.id, cpuid = 0 }).exit
	t:expect(exit.reason, "halted")
	local info = root:ioctl("CTL", {
		op = "mach_info", data = { machid = vm.id }, size = 32
	}).data
	t:expect(info.nvcpus, 1)
	local machid = t:driver():ioctl("MACHINE_CREATE").machid
	root:ioctl("MACHINE_DESTROY", { machid = machid })
end)

test("reading and writing makes no root owner", function(t)
	local vm = t:machine()
	local other = t:driver { flags = "rdwr|cloexec" }
	t:fails("EPERM", function()
		other:ioctl("MACHINE_DESTROY", { machid = vm.id })
	end)
end)

test("the root owner's machines are nobody else's", function(t)
	local root = t:driver { flags = "wronly|cloexec" }
	local other = t:driver()
	local machid = root:ioctl("MACHINE_CREATE").machid
	t:fails("EPERM", function()
		other:ioctl("MACHINE_DESTROY", { machid = machid })
	end)
	local second = t:driver { flags = "wronly|cloexec" }
	second:ioctl("MACHINE_DESTROY", { machid = machid })
end)

test("the last close destroys the machines", function(t)
	local d = t:driver()
	local one = d:ioctl("MACHINE_CREATE").machid
	local two = d:ioctl("MACHINE_CREATE").machid
	d:ioctl("VCPU_CREATE", { machid = two, cpuid = 7 })
	d:close()
	gone(t, one)
	gone(t, two)
end)

test("a close leaves other owners' machines alone", function(t)
	local mine, other = t:driver(), t:driver()
	local machid = mine:ioctl("MACHINE_CREATE").machid
	other:ioctl("MACHINE_CREATE")
	other:close()
	mine:ioctl("MACHINE_DESTROY", { machid = machid })
end)

test("a duplicate shares the ownership", function(t)
	local d = t:driver()
	local machid = d:ioctl("MACHINE_CREATE").machid
	local copy = d:dup()
	copy:ioctl("VCPU_CREATE", { machid = machid, cpuid = 0 })
	d:close()
	copy:ioctl("VCPU_GETSTATE", { machid = machid, cpuid = 0 })
	copy:close()
	gone(t, machid)
end)

test("closing any root owner destroys the machines of all", function(t)
	local one = t:driver { flags = "wronly|cloexec" }
	local two = t:driver { flags = "wronly|cloexec" }
	local machid = one:ioctl("MACHINE_CREATE").machid
	two:close()
	t:fails("ENOENT", function()
		one:ioctl("MACHINE_DESTROY", { machid = machid })
	end)
end)

test("a root owner's close leaves ordinary machines alone", function(t)
	local cpu = t:machine():vcpu(0)
	t:driver { flags = "wronly|cloexec" }:close()
	cpu:will(guest.hlt())
	t:expect(cpu:run(), "halted")
end)

test("a machine that its owner's end took is free again", function(t)
	local d = t:driver()
	local machid = d:ioctl("MACHINE_CREATE").machid
	d:close()
	t:expect(t:driver():ioctl("MACHINE_CREATE").machid, machid)
end)

test("the driver knows who opened it", function(t)
	local a, b = t:driver(), t:driver()
	local function pid(d)
		local machid = d:ioctl("MACHINE_CREATE").machid
		return d:ioctl("CTL", {
			op = "mach_info", data = { machid = machid }, size = 32
		}).data.pid
	end
	t:expect(pid(a), pid(b))
	t:expect(pid(a) > 0, true)
end)
