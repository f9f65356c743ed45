-- MSRs: the guest's own, those that the kernel answers, and the VMM's.

local function write(cpu, msr, value)
	cpu:will(guest.wrmsr { msr = msr, value = value }, guest.hlt())
	return cpu:run()
end

-- What the guest reads, and with which exit the run ended.
local function read(cpu, msr)
	cpu:get("gprs")
	cpu:set { rax = -1, rdx = -1 }
	cpu:will(guest.rdmsr { msr = msr }, guest.hlt())
	local reason = cpu:run()
	return cpu.truth.rax | cpu.truth.rdx << 32, reason
end

-- Both ways without an exit; the register that then holds the value.
for name, row in pairs {
	star = { 0xc0000081 }, lstar = { 0xc0000082 }, cstar = { 0xc0000083 },
	sfmask = { 0xc0000084 }, kernelgsbase = { 0xc0000102 },
	sysenter_cs = { 0x174 }, sysenter_esp = { 0x175 },
	sysenter_eip = { 0x176 }, ["fs.base"] = { 0xc0000100 },
	["gs.base"] = { 0xc0000101 },
} do
	test(name .. " is the guest's own", function(t)
		local cpu = t:machine():vcpu(0)
		t:expect(write(cpu, row[1], 0x12345678), "halted")
		t:expect(cpu.truth[name], 0x12345678)
		t:expect(read(cpu, row[1]), 0x12345678)
		t:counts { handled = 0 }
	end)
end

test("TSC is written in the kernel and read without it", function(t)
	local cpu = t:machine():vcpu(0)
	t:expect(write(cpu, 0x10, 0x100000000), "halted")
	t:counts { handled = 1 }
	local value, reason = read(cpu, 0x10)
	t:expect(reason, "halted")
	t:expect(value >= 0x100000000, true)
	t:counts { handled = 1 }
end)

test("EFER is the kernel's on svm, the guest's own on vmx", function(t)
	local cpu = t:machine():vcpu(0)
	t:expect(write(cpu, 0xc0000080, 0x901), "halted")
	t:expect(read(cpu, 0xc0000080), 0x901)
	t:counts { handled = t.cpu == "svm" and 2 or 0 }
end)

test("EFER hides SVME from a guest that sets it", { cpu = "svm" },
    function(t)
	local cpu = t:machine():vcpu(0)
	t:expect(write(cpu, 0xc0000080, 0x1001), "halted")
	t:expect(#cpu:events(), 0)
	t:expect(read(cpu, 0xc0000080), 1)
end)

test("EFER: LME and LMA are taken as written", { cpu = "svm" }, function(t)
	local cpu = t:machine():vcpu(0)
	write(cpu, 0xc0000080, 0x400)
	t:expect(cpu.truth.efer, 0x400)
end)

for _, bit in ipairs { 1, 9, 13, 16, 63 } do
	test("EFER: bit " .. bit .. " is #GP", { cpu = "svm" }, function(t)
		local cpu = t:machine():vcpu(0)
		t:expect(write(cpu, 0xc0000080, 1 << bit), "halted")
		t:expect(cpu:events()[1].vector, 13)
		t:expect(cpu.truth.efer, 0)
	end)
end

test("PAT is the guest's own on svm, the kernel's on vmx", function(t)
	local cpu = t:machine():vcpu(0)
	t:expect(read(cpu, 0x277), 0x0007040600070406)
	t:expect(write(cpu, 0x277, 0x0706050401000007), "halted")
	t:expect(read(cpu, 0x277), 0x0706050401000007)
	t:counts { handled = t.cpu == "vmx" and 3 or 0 }
end)

for _, byte in ipairs { 2, 3, 8, 0xff } do
	test(("PAT: a type of 0x%x is #GP"):format(byte), { cpu = "vmx" },
	    function(t)
		local cpu = t:machine():vcpu(0)
		t:expect(write(cpu, 0x277, byte << 56), "halted")
		t:expect(cpu:events()[1].vector, 13)
		t:expect(cpu.truth.pat, 0x0007040600070406)
	end)
end

-- Reads 0 and ignores writes.
local zero = {
	svm = { 0xc0010055, 0xc0011029, 0xc0011021, 0x8b },
	vmx = { 0x8b, 0x17 },
}
for backend, msrs in pairs(zero) do
	for _, msr in ipairs(msrs) do
		test(("MSR 0x%x reads 0 and ignores writes on %s"):format(msr,
		    backend), { cpu = backend }, function(t)
			local cpu = t:machine():vcpu(0)
			t:expect(write(cpu, msr, 0x1234), "halted")
			local value, reason = read(cpu, msr)
			t:expect(value, 0)
			t:expect(reason, "halted")
			t:expect(#cpu:events(), 0)
			t:counts { handled = 2 }
		end)
	end
end

test("NB_CFG reads bit 54, and its writes are the VMM's", { cpu = "svm" },
    function(t)
	local cpu = t:machine():vcpu(0)
	local value, reason = read(cpu, 0xc001001f)
	t:expect(value, 1 << 54)
	t:expect(reason, "halted")
	t:expect(write(cpu, 0xc001001f, 1), "wrmsr")
end)

test("MISC_ENABLE is the host's, in part, and ignores writes",
    { cpu = "vmx" }, function(t)
	local cpu = t:machine():vcpu(0)
	local value = read(cpu, 0x1a0)
	t:expect(value & (1 << 7 | 1 << 16 | 1 << 18), 0)
	t:expect(value & (1 << 11 | 1 << 12), 1 << 11 | 1 << 12)
	t:expect(write(cpu, 0x1a0, 0), "halted")
	t:expect(read(cpu, 0x1a0), value)
end)

test("ARCH_CAPABILITIES is #GP on a host without it", { cpu = "vmx" },
    function(t)
	local cpu = t:machine():vcpu(0)
	cpu:will(guest.rdmsr { msr = 0x10a }, guest.hlt())
	t:expect(cpu:run(), "halted")
	t:expect(cpu:events()[1].vector, 13)
end)

-- All others are for the VMM, those that no processor has as well.
for _, msr in ipairs { 0x1b, 0x2ff, 0x179, 0x40000000, 0xdeadbeef } do
	test(("MSR 0x%x is the VMM's"):format(msr), function(t)
		local cpu = t:machine():vcpu(0)
		cpu:will(guest.rdmsr { msr = msr },
		    guest.wrmsr { msr = msr, value = 0x1122334455667788 })
		t:expect(cpu:run(), "rdmsr")
		t:expect(cpu.exit.msr, msr)
		t:expect(cpu.exit.npc, cpu.truth.rip + 2)
		t:page(cpu, { cached = "gprs" })
		cpu:skip()
		t:expect(cpu:run(), "wrmsr")
		t:expect(cpu.exit.msr, msr)
		t:expect(cpu.exit.val, 0x1122334455667788)
		t:expect(cpu.exit.npc, cpu.truth.rip + 2)
		t:page(cpu, { cached = "gprs" })
	end)
end

for _, name in ipairs { "rdmsr", "wrmsr" } do
	test(name .. " at privilege level 3 is #GP by the processor",
	    function(t)
		local cpu = t:machine():vcpu(0)
		local operands = { msr = 0x1b }
		if name == "wrmsr" then operands.value = 0 end
		cpu:will(guest.mode "user", guest[name](operands),
		    guest.read { gpa = 0x1000 })
		t:expect(cpu:run(), "memory")
		t:expect(cpu:events()[1].vector, 13)
		t:counts { handled = 0 }
	end)
end
