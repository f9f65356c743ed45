-- Every error of the driver that a caller can cause, asked for directly: no
-- libnvmm makes such calls, but a program may.  The tests are named as in the
-- driver's table of errors (nvmm-sim info --markdown).

-- A driver with a machine, VCPU 0, a host mapping and a page of guest memory.
local function prepare(t)
	local s = { driver = t:driver(), pages = t:pages(0x2000) }
	local d = s.driver
	s.machid = d:ioctl("MACHINE_CREATE").machid
	d:ioctl("VCPU_CREATE", { machid = s.machid, cpuid = 0 })
	d:ioctl("HVA_MAP", {
		machid = s.machid, hva = s.pages.hva, size = 0x2000
	})
	d:ioctl("GPA_MAP", {
		machid = s.machid, hva = s.pages.hva, gpa = 0,
		size = 0x1000, prot = "rwx"
	})
	return s
end

-- Arguments with which each ioctl succeeds then.
local good = {
	CAPABILITY = function() return {} end,
	MACHINE_CREATE = function() return {} end,
	MACHINE_DESTROY = function(t, s) return { machid = s.machid } end,
	MACHINE_CONFIGURE = function(t, s)
		return { machid = s.machid, op = 300 }
	end,
	VCPU_CREATE = function(t, s)
		return { machid = s.machid, cpuid = 1 }
	end,
	VCPU_CONFIGURE = function(t, s)
		return {
			machid = s.machid, cpuid = 0, op = "cpuid",
			conf = { leaf = 1, exit = true }
		}
	end,
	GPA_MAP = function(t, s)
		return {
			machid = s.machid, hva = s.pages.hva, gpa = 0x10000,
			size = 0x1000, prot = "rw"
		}
	end,
	GPA_UNMAP = function(t, s)
		return { machid = s.machid, gpa = 0, size = 0x1000 }
	end,
	HVA_MAP = function(t, s)
		return {
			machid = s.machid, hva = t:pages(0x1000).hva,
			size = 0x1000
		}
	end,
	HVA_UNMAP = function(t, s)
		return {
			machid = s.machid, hva = s.pages.hva, size = 0x2000
		}
	end,
	CTL = function(t, s)
		return {
			op = "mach_info", data = { machid = s.machid },
			size = 32
		}
	end,
}
local function vcpu_0(t, s) return { machid = s.machid, cpuid = 0 } end
good.VCPU_DESTROY, good.VCPU_SETSTATE = vcpu_0, vcpu_0
good.VCPU_GETSTATE, good.VCPU_INJECT, good.VCPU_RUN = vcpu_0, vcpu_0, vcpu_0

-- The ioctl fails so with the good arguments after change(arguments, t, s),
-- which may return options of d:ioctl().
local function fails(ioctl, errno, when, change)
	test(ioctl .. ": " .. errno .. ": " .. when, function(t)
		local s = prepare(t)
		local arguments = good[ioctl](t, s)
		local options = change(arguments, t, s)
		t:fails(errno, function()
			s.driver:ioctl(ioctl, arguments, options)
		end)
	end)
end

-- As every ioctl begins.
local function argument(ioctl)
	fails(ioctl, "EFAULT", "the argument cannot be read", function()
		return { pointer = "unmapped" }
	end)
end

local function machine(ioctl)
	local function set(arguments, machid)
		(arguments.data or arguments).machid = machid
	end
	fails(ioctl, "EINVAL", "machid is beyond the last machine",
	    function(arguments) set(arguments, 128) end)
	fails(ioctl, "ENOENT", "there is no machine machid",
	    function(arguments) set(arguments, 77) end)
	fails(ioctl, "EPERM", "the machine is another owner's",
	    function(arguments, t, s) s.driver = t:driver() end)
end

local function vcpu(ioctl)
	machine(ioctl)
	fails(ioctl, "EINVAL", "cpuid is beyond the last VCPU",
	    function(arguments, t)
		arguments.cpuid = t.abi == "v3" and 128 or 256
	end)
	fails(ioctl, "ENOENT", "the machine has no VCPU cpuid",
	    function(arguments) arguments.cpuid = 1 end)
end

local function gpa_range(ioctl)
	local function max_ram(t)
		return t.abi == "v3" and 127 << 40 or 128 << 30
	end
	fails(ioctl, "EINVAL", "size is 0",
	    function(arguments) arguments.size = 0 end)
	fails(ioctl, "EINVAL", "the range wraps around",
	    function(arguments) arguments.size = -0x1000 end)
	fails(ioctl, "EINVAL", "gpa is not aligned to a page",
	    function(arguments) arguments.gpa = 0x10800 end)
	fails(ioctl, "EINVAL", "size is not aligned to a page",
	    function(arguments) arguments.size = 0x800 end)
	fails(ioctl, "EINVAL", "gpa is beyond max_ram",
	    function(arguments, t) arguments.gpa = max_ram(t) end)
	fails(ioctl, "EINVAL", "the range's end is beyond max_ram",
	    function(arguments, t)
		arguments.gpa = max_ram(t) - 0x1000
		arguments.size = 0x2000
	end)
end

fails("CAPABILITY", "EFAULT", "the argument cannot be written",
    function() return { pointer = "readonly" } end)

argument("MACHINE_CREATE")
fails("MACHINE_CREATE", "EFAULT", "the argument cannot be written",
    function() return { pointer = "readonly" } end)
fails("MACHINE_CREATE", "ENOBUFS", "all machines exist",
    function(arguments, t, s)
	for i = 1, 127 do s.driver:ioctl("MACHINE_CREATE") end
end)

argument("MACHINE_DESTROY")
machine("MACHINE_DESTROY")

argument("MACHINE_CONFIGURE")
fails("MACHINE_CONFIGURE", "EINVAL", "op is unknown, as every one is",
    function() end)

argument("VCPU_CREATE")
machine("VCPU_CREATE")
fails("VCPU_CREATE", "EINVAL", "cpuid is beyond the last VCPU",
    function(arguments, t)
	arguments.cpuid = t.abi == "v3" and 128 or 256
end)
fails("VCPU_CREATE", "EBUSY", "the machine has a VCPU cpuid",
    function(arguments) arguments.cpuid = 0 end)

test("VCPU_CREATE: EFAULT: v3: the argument cannot be written",
    { abi = "v3" }, function(t)
	local s = prepare(t)
	local vcpu_1 = { machid = s.machid, cpuid = 1 }
	t:fails("EFAULT", function()
		s.driver:ioctl("VCPU_CREATE", vcpu_1, { pointer = "readonly" })
	end)
	-- The VCPU stays, as after a failing mmap in v1 and v2.
	t:fails("EBUSY", function()
		s.driver:ioctl("VCPU_CREATE", vcpu_1)
	end)
end)

argument("VCPU_DESTROY")
vcpu("VCPU_DESTROY")

argument("VCPU_CONFIGURE")
vcpu("VCPU_CONFIGURE")
fails("VCPU_CONFIGURE", "EINVAL", "op is unknown",
    function(arguments) arguments.op = 300 end)
fails("VCPU_CONFIGURE", "EFAULT", "conf cannot be read",
    function() return { conf = "unmapped" } end)
fails("VCPU_CONFIGURE", "EINVAL", "CPUID: both mask and exit",
    function(arguments)
	arguments.conf = { leaf = 1, mask = true, exit = true }
end)
fails("VCPU_CONFIGURE", "EINVAL", "CPUID: a bit is in both set and del",
    function(arguments)
	arguments.conf = {
		leaf = 1, mask = true, set = { edx = 5 }, del = { edx = 4 }
	}
end)
fails("VCPU_CONFIGURE", "ENOBUFS", "CPUID: all entries are in use",
    function(arguments, t, s)
	for leaf = 2, 33 do
		s.driver:ioctl("VCPU_CONFIGURE", {
			machid = s.machid, cpuid = 0, op = "cpuid",
			conf = { leaf = leaf, exit = true }
		})
	end
end)

test("VCPU_CONFIGURE: EINVAL: TPR: the back end has no TPR exits",
    { cpu = "svm" }, function(t)
	local s = prepare(t)
	t:fails("EINVAL", function()
		s.driver:ioctl("VCPU_CONFIGURE", {
			machid = s.machid, cpuid = 0, op = "tpr",
			conf = { exit_changed = true }
		})
	end)
end)

for _, ioctl in ipairs {
	"VCPU_SETSTATE", "VCPU_GETSTATE", "VCPU_INJECT", "VCPU_RUN"
} do
	argument(ioctl)
	vcpu(ioctl)
end
-- The event of a new page is of type EXCP, with vector 0.
fails("VCPU_INJECT", "EINVAL", "an exception with vector 0", function() end)

argument("GPA_MAP")
machine("GPA_MAP")
gpa_range("GPA_MAP")
test("GPA_MAP: EINVAL: prot has a bit that is not R, W or X", function(t)
	local s = prepare(t)
	local function gpa_map(prot)
		s.driver:ioctl(0x80284e0b, ("<I4xxxxI8I8I8i4xxxx"):pack(
		    s.machid, s.pages.hva, 0x10000, 0x1000, prot))
	end
	t:fails("EINVAL", function() gpa_map(0x8) end)
	t:fails("EINVAL", function() gpa_map(-1) end)
	gpa_map(0)
end)
fails("GPA_MAP", "EINVAL", "hva is 0",
    function(arguments) arguments.hva = 0 end)
fails("GPA_MAP", "EINVAL", "hva is not aligned to a page",
    function(arguments) arguments.hva = arguments.hva + 1 end)
fails("GPA_MAP", "EINVAL", "the range is not inside one host mapping",
    function(arguments) arguments.size = 0x3000 end)

argument("GPA_UNMAP")
machine("GPA_UNMAP")
gpa_range("GPA_UNMAP")

argument("HVA_MAP")
machine("HVA_MAP")
fails("HVA_MAP", "EINVAL", "hva is not aligned to a page",
    function(arguments) arguments.hva = arguments.hva + 1 end)
fails("HVA_MAP", "EINVAL", "size is not aligned to a page",
    function(arguments) arguments.size = 1 end)
fails("HVA_MAP", "EINVAL", "hva is 0",
    function(arguments) arguments.hva = 0 end)
fails("HVA_MAP", "EINVAL", "size is 0",
    function(arguments) arguments.size = 0 end)
fails("HVA_MAP", "EINVAL", "the range wraps around",
    function(arguments) arguments.size = -0x1000 end)
fails("HVA_MAP", "EEXIST", "the range overlaps a host mapping",
    function(arguments, t, s)
	arguments.hva = s.pages.hva - 0x1000
	arguments.size = 0x2000
end)
fails("HVA_MAP", "ENOBUFS", "the machine has all its host mappings",
    function(arguments, t, s)
	for i = 2, 32 do
		s.driver:ioctl("HVA_MAP", {
			machid = s.machid, hva = t:pages(0x1000).hva,
			size = 0x1000
		})
	end
end)
fails("HVA_MAP", "ENOMEM", "there is no memory at that address",
    function(arguments) arguments.hva = 0xffff800000000000 end)

argument("HVA_UNMAP")
machine("HVA_UNMAP")
fails("HVA_UNMAP", "ENOENT", "no host mapping has this hva",
    function(arguments) arguments.hva = arguments.hva + 0x1000 end)
fails("HVA_UNMAP", "ENOENT", "no host mapping has this size",
    function(arguments) arguments.size = 0x1000 end)

argument("CTL")
machine("CTL")
fails("CTL", "EINVAL", "op is unknown",
    function(arguments) arguments.op = 1 end)
fails("CTL", "EINVAL", "size is not that of op's data",
    function(arguments) arguments.size = 31 end)
fails("CTL", "EFAULT", "data cannot be read",
    function() return { data = "unmapped" } end)
fails("CTL", "EFAULT", "data cannot be written",
    function() return { data = "readonly" } end)

-- Lack of memory, which the driver reports before it has done anything.
for _, ioctl in ipairs {
	"MACHINE_CREATE", "VCPU_CREATE", "GPA_MAP", "GPA_UNMAP", "HVA_MAP"
} do
	test(ioctl .. ": ENOMEM: no memory, and again with more", function(t)
		local s = prepare(t)
		local arguments = good[ioctl](t, s)
		t:fail { ioctl = ioctl, errno = "ENOMEM" }
		t:fails("ENOMEM", function()
			s.driver:ioctl(ioctl, arguments)
		end)
		s.driver:ioctl(ioctl, arguments)
	end)
end

test("any other ioctl: EINVAL: the driver has no such ioctl", function(t)
	local d = t:driver()
	for _, number in ipairs {
		0x40684e0f, 0xc0044e15, 0x80184eff, 0, 0x20004e01, 0xc0084e01
	} do
		t:fails("EINVAL", function() d:ioctl(number) end)
	end
end)

test("any other ioctl: EINVAL: it is of another generation", function(t)
	local other = t.abi == "v3" and "v2" or "v3"
	local commands = { v2 = 0x40684e00, v3 = 0x40704e00 }
	local d = t:driver()
	d:ioctl("CAPABILITY")
	t:fails("EINVAL", function()
		d:ioctl(commands[other], ("\0"):rep(112))
	end)
end)

test("open: EINVAL: flags lack O_CLOEXEC", function(t)
	t:fails("EINVAL", function() t:driver { flags = "rdonly" } end)
end)

-- A mapping of VCPU 0's comm page succeeds, but not with these changes.
local function mmap_fails(errno, when, change)
	test("mmap: " .. errno .. ": " .. when, function(t)
		if t.abi == "v3" then t:skip("for v1 and v2 only") end
		local s = prepare(t)
		local arguments = { machid = s.machid, cpuid = 0 }
		s.driver:mmap(arguments)
		change(arguments, t, s)
		t:fails(errno, function() s.driver:mmap(arguments) end)
	end)
end

mmap_fails("EACCES", "prot has PROT_EXEC",
    function(arguments) arguments.prot = "rx" end)
mmap_fails("EINVAL", "length is not one page",
    function(arguments) arguments.size = 0x2000 end)
mmap_fails("EINVAL", "the offset's machid is beyond the last machine",
    function(arguments) arguments.machid = 128 end)
mmap_fails("ENOENT", "there is no machine machid",
    function(arguments) arguments.machid = 77 end)
mmap_fails("EPERM", "the machine is another owner's",
    function(arguments, t, s) s.driver = t:driver() end)

test("mmap: ENODEV: v3: comm pages come from VCPU_CREATE", { abi = "v3" },
    function(t)
	local s = prepare(t)
	t:fails("ENODEV", function()
		s.driver:mmap { machid = s.machid, cpuid = 0 }
	end)
end)
