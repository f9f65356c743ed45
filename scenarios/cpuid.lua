-- CPUID: the answers of the kernel, masks and exits.

-- The four registers that the guest sees, with n VCPUs in the machine.
local function ask(cpu, leaf, subleaf)
	cpu:will(guest.cpuid { leaf = leaf, subleaf = subleaf or 0 },
	    guest.hlt())
	cpu:run()
	local truth = cpu.truth
	return { eax = truth.rax, ebx = truth.rbx, ecx = truth.rcx,
	    edx = truth.rdx }
end

local function answer(t, leaf, subleaf)
	return ask(t:machine():vcpu(0), leaf, subleaf)
end

local function expect_zero(t, regs, what)
	for register, value in pairs(regs) do
		t:expect(value, 0, what .. " " .. register)
	end
end

test("leaf 0: the last leaf and the vendor", function(t)
	local r = answer(t, 0)
	t:expect(r.eax, t.cpu == "svm" and 0xd or 0x16)
	t:expect(("<I4I4I4"):pack(r.ebx, r.edx, r.ecx),
	    t.cpu == "svm" and "AuthenticAMD" or "GenuineIntel")
end)

test("leaf 1: the VCPU's number and how many there are", function(t)
	local vm = t:machine()
	vm:vcpu(0)
	vm:vcpu(1)
	local r = ask(vm:vcpu(5), 1)
	t:expect(r.ebx >> 24, 5)
	t:expect(r.ebx >> 16 & 0xff, 3)
end)

test("leaf 1: a hypervisor, and no more than the mask allows", function(t)
	local r = answer(t, 1)
	t:expect(r.ecx >> 31, 1)
	t:expect(r.ecx & ~0xeed83203 & 0xffffffff, 0)
	t:expect(r.edx & ~0x9f8bab7f & 0xffffffff, 0)
end)

test("leaf 1: OSXSAVE follows CR4", function(t)
	local cpu = t:machine():vcpu(0)
	t:expect(ask(cpu, 1).ecx & 0x8000000, 0)
	cpu:get("crs")
	cpu:set { cr4 = 0x40000 }
	t:expect(ask(cpu, 1).ecx & 0x8000000, 0x8000000)
end)

test("no AVX, x2APIC, MONITOR, VMX, RDTSCP, MCE, MCA or MTRR", function(t)
	local r = answer(t, 1)
	t:expect(r.ecx & (1 << 28 | 1 << 21 | 1 << 3 | 1 << 5), 0)
	t:expect(r.edx & (1 << 7 | 1 << 14 | 1 << 12), 0)
	r = answer(t, 0x80000001)
	t:expect(r.edx & 1 << 27, 0, "RDTSCP")
	t:expect(r.ecx & 1 << 2, 0, "SVM")
end)

for _, leaf in ipairs { 3, 5, 6, 8, 9, 0xa, 0xc } do
	test(("leaf 0x%x is zero"):format(leaf), function(t)
		expect_zero(t, answer(t, leaf), "leaf")
	end)
end

test("leaves 2, 4 and 0xb are zero on svm", { cpu = "svm" }, function(t)
	for _, leaf in ipairs { 2, 4, 0xb } do
		expect_zero(t, answer(t, leaf), "leaf " .. leaf)
	end
end)

test("leaves 0xe to 0x14 are zero on vmx", { cpu = "vmx" }, function(t)
	for leaf = 0xe, 0x14 do
		expect_zero(t, answer(t, leaf), "leaf " .. leaf)
	end
end)

test("leaf 4: caches are shared by all VCPUs from level 3 on",
    { cpu = "vmx" }, function(t)
	local vm = t:machine()
	local cpu = vm:vcpu(0)
	for id = 1, 3 do vm:vcpu(id) end
	local first, third = ask(cpu, 4, 0), ask(cpu, 4, 3)
	t:expect(first.eax >> 14 & 0xfff, 0)
	t:expect(third.eax >> 14 & 0xfff, 3)
	t:expect(first.eax >> 26, 3)
end)

test("leaf 7: what the mask leaves, in subleaf 0 alone", function(t)
	local r = answer(t, 7)
	t:expect(r.eax, 0)
	t:expect(r.ebx & ~0x019c27c9, 0)
	t:expect(r.ecx & ~0x1a000705, 0)
	t:expect(r.edx & ~0x20004410, 0)
	expect_zero(t, answer(t, 7, 1), "subleaf 1")
end)

test("leaf 0xb: the topology of vmx", { cpu = "vmx" }, function(t)
	local vm = t:machine()
	local cpu
	for id = 0, 4 do cpu = vm:vcpu(id) end
	local r = ask(cpu, 0xb, 0)
	t:expect(r.ecx, 0x100)
	t:expect(r.edx, 4)
	r = ask(cpu, 0xb, 1)
	t:expect(r.eax, 2, "log2 of 5, rounded down")
	t:expect(r.ebx, 5)
	t:expect(r.ecx, 0x201)
	t:expect(r.edx, 4)
end)

test("leaf 0xd: the size of XSAVE's area follows XCR0", function(t)
	local cpu = t:machine():vcpu(0)
	local r = ask(cpu, 0xd)
	t:expect(r.eax, 3)
	t:expect(r.ebx, 172)
	t:expect(r.ecx, 576)
	t:expect(r.edx, 0)
	cpu:get("crs")
	cpu:set { xcr0 = 3 }
	t:expect(ask(cpu, 0xd).ebx, 576)
	t:expect(ask(cpu, 0xd, 1).eax & ~7, 0)
	expect_zero(t, ask(cpu, 0xd, 2), "subleaf 2")
end)

test("leaf 0x40000000 says who this is", function(t)
	local r = answer(t, 0x40000000)
	t:expect(r.eax, 0x40000000)
	t:expect(("<I4I4I4"):pack(r.ebx, r.ecx, r.edx), "___ NVMM ___")
end)

test("a leaf out of range is answered as the last one", function(t)
	local last = t.cpu == "svm" and 0xd or 0x16
	local expected = answer(t, last, 1)
	for _, leaf in ipairs { last + 1, 0x3fffffff, 0x40000001, 0x7fffffff,
	    0x80001000, 0xffffffff } do
		local r = answer(t, leaf, 1)
		for register, value in pairs(expected) do
			t:expect(r[register], value,
			    ("leaf 0x%x %s"):format(leaf, register))
		end
	end
end)

test("leaf 0x80000000: the last extended leaf", function(t)
	t:expect(answer(t, 0x80000000).eax,
	    t.cpu == "svm" and 0x8000001f or 0x80000008)
end)

test("leaf 0x80000007: an invariant TSC and nothing else in EDX",
    function(t)
	t:expect(answer(t, 0x80000007).edx & ~0x100, 0)
end)

test("leaf 0x80000008: how many VCPUs, on svm", function(t)
	local vm = t:machine()
	local cpu = vm:vcpu(0)
	vm:vcpu(1)
	local r = ask(cpu, 0x80000008)
	t:expect(r.ecx, t.cpu == "svm" and (1 | 7 << 12) or 0)
	t:expect(r.ebx & ~0x205, 0)
	t:expect(r.edx, 0)
end)

test("answers have 32 bits: the upper halves become zero", function(t)
	local cpu = t:machine():vcpu(0)
	cpu:set { rax = -1, rbx = -1, rcx = -1, rdx = -1 }
	local r = ask(cpu, 0x40000000)
	t:expect(r.ebx >> 32, 0)
	t:expect(r.edx >> 32, 0)
end)

test("a mask deletes, then sets, in all subleaves", function(t)
	local cpu = t:machine():vcpu(0)
	local before = ask(cpu, 0x40000000)
	cpu:configure_cpuid { leaf = 0x40000000, mask = true,
	    set = { edx = 0x80000001 }, del = { ebx = 0xff } }
	local after = ask(cpu, 0x40000000, 9)
	t:expect(after.ebx, before.ebx & ~0xff)
	t:expect(after.edx, before.edx | 0x80000001)
	t:expect(after.ecx, before.ecx)
end)

test("a leaf out of range is configured by its own number", function(t)
	local cpu = t:machine():vcpu(0)
	cpu:configure_cpuid { leaf = 0x7fffffff, mask = true,
	    set = { ecx = 0x55 }, del = { ecx = 0xaa } }
	t:expect(ask(cpu, 0x7fffffff).ecx & 0xff, 0x55)
end)

test("a leaf that exits has its answer in the registers", function(t)
	local cpu = t:machine():vcpu(0)
	cpu:configure_cpuid { leaf = 0x40000000, exit = true }
	cpu:will(guest.cpuid { leaf = 0x40000000 }, guest.hlt())
	t:expect(cpu:run(), "cpuid")
	t:expect(cpu.exit.npc, cpu.truth.rip + 2)
	t:expect(cpu.truth.rcx, 0x4d4d564e)
	t:page(cpu, { cached = "" })
	cpu:skip()
	t:expect(cpu:run(), "halted")
end)

test("the latest configuration of a leaf counts", function(t)
	local cpu = t:machine():vcpu(0)
	cpu:configure_cpuid { leaf = 1, exit = true }
	cpu:configure_cpuid { leaf = 1, mask = true, set = { eax = 1 } }
	t:expect(ask(cpu, 1).eax & 1, 1)
	cpu:configure_cpuid { leaf = 1 }
	cpu:configure_cpuid { leaf = 1 }
	t:expect(cpu.exit.reason, "halted")
end)

test("one VCPU's configuration is not another's", function(t)
	local vm = t:machine()
	local a, b = vm:vcpu(0), vm:vcpu(1)
	a:configure_cpuid { leaf = 2, exit = true }
	b:will(guest.cpuid { leaf = 2 }, guest.hlt())
	t:expect(b:run(), "halted")
end)
