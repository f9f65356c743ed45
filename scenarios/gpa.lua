-- Guest mappings: replaced, unmapped in part, with fewer rights; and host
-- mappings behind them.

-- A machine with two host pages, and the driver of the root owner, which can
-- map what libnvmm refuses.
local function prepare(t)
	local vm = t:machine()
	local pages = t:pages(0x4000)
	vm:hva_map(pages)
	return vm, pages, t:driver { flags = "wronly|cloexec" }
end

local function map(root, vm, pages, offset, gpa, size, prot)
	root:ioctl("GPA_MAP", {
		machid = vm.id, hva = pages.hva + offset, gpa = gpa,
		size = size, prot = prot or "rwx"
	})
end

local function store(cpu, gpa, value)
	cpu:get("all")
	cpu:will(guest.write { gpa = gpa, value = value }, guest.hlt())
	local reason = cpu:run()
	if reason == "memory" then
		-- Past it, so that the next one is another one.
		cpu:inject { type = "excp", vector = 6 }
		cpu:run()
	end
	return reason
end

test("mapping over a mapping replaces it", function(t)
	local vm, pages, root = prepare(t)
	local cpu = vm:vcpu(0)
	map(root, vm, pages, 0, 0x1000, 0x1000)
	t:expect(store(cpu, 0x1000, 0x41), "halted")
	map(root, vm, pages, 0x2000, 0x1000, 0x1000)
	t:expect(store(cpu, 0x1000, 0x42), "halted")
	t:expect(pages:read(0, 1), "A")
	t:expect(pages:read(0x2000, 1), "B")
end)

test("a mapping in the middle of another splits it", function(t)
	local vm, pages, root = prepare(t)
	local cpu = vm:vcpu(0)
	map(root, vm, pages, 0, 0x1000, 0x3000)
	map(root, vm, pages, 0x3000, 0x2000, 0x1000)
	store(cpu, 0x1000, 0x41)
	store(cpu, 0x2000, 0x42)
	store(cpu, 0x3000, 0x43)
	t:expect(pages:read(0, 1), "A")
	t:expect(pages:read(0x1000, 1), "\0")
	t:expect(pages:read(0x2000, 1), "C")
	t:expect(pages:read(0x3000, 1), "B")
end)

test("a part can be unmapped", function(t)
	local vm, pages, root = prepare(t)
	local cpu = vm:vcpu(0)
	map(root, vm, pages, 0, 0x1000, 0x3000)
	root:ioctl("GPA_UNMAP",
	    { machid = vm.id, gpa = 0x2000, size = 0x1000 })
	t:expect(store(cpu, 0x1000, 0x41), "halted")
	t:expect(store(cpu, 0x2000, 0x42), "memory")
	t:expect(store(cpu, 0x3000, 0x43), "halted")
	t:expect(pages:read(0x2000, 1), "C")
end)

test("unmapping what is not mapped succeeds", function(t)
	local vm, _, root = prepare(t)
	root:ioctl("GPA_UNMAP",
	    { machid = vm.id, gpa = 0x100000, size = 0x1000 })
end)

test("the same memory at two places", function(t)
	local vm, pages, root = prepare(t)
	local cpu = vm:vcpu(0)
	map(root, vm, pages, 0, 0x1000, 0x1000)
	map(root, vm, pages, 0, 0x9000, 0x1000)
	store(cpu, 0x9000, 0x41)
	cpu:get("gprs")
	cpu:will(guest.read { gpa = 0x1000 }, guest.hlt())
	cpu:run()
	t:expect(cpu.truth.rax & 0xff, 0x41)
end)

-- Which accesses each protection lets through.
for _, row in ipairs {
	{ prot = "", read = false, write = false, fetch = false },
	{ prot = "r", read = true, write = false, fetch = false },
	{ prot = "rw", read = true, write = true, fetch = false },
	{ prot = "rx", read = true, write = false, fetch = true },
	{ prot = "rwx", read = true, write = true, fetch = true },
} do
	for access, letter in pairs { read = "r", write = "w", fetch = "x" } do
		test(("a %s of memory mapped '%s'"):format(access, row.prot),
		    function(t)
			local vm = t:machine()
			local cpu = vm:vcpu(0)
			vm:ram { gpa = 0x1000, prot = row.prot }
			cpu:will(guest[access] { gpa = 0x1000 }, guest.hlt())
			cpu:run()
			t:expect(cpu.exit.reason,
			    row[access] and "halted" or "memory")
			if not row[access] then
				t:expect(cpu.exit.prot, letter)
			end
		end)
	end
end

for _, access in ipairs { "read", "write", "fetch" } do
	test("a first touch is the host's affair: " .. access, function(t)
		local vm = t:machine()
		local cpu = vm:vcpu(0)
		vm:ram { gpa = 0x1000 }
		cpu:will(guest[access] { gpa = 0x1000, first_touch = true },
		    guest.hlt())
		t:expect(cpu:run(), "halted")
		t:counts { exits = 1, handled = 1 }
	end)
end

test("a first touch and a signal: none, with the memory set cached",
    function(t)
	if t.abi == "v3" then t:skip("v3 keeps the exit's reason") end
	local vm = t:machine()
	local cpu = vm:vcpu(0)
	vm:ram { gpa = 0x1000 }
	cpu:will(guest.read { gpa = 0x1000, first_touch = true }, guest.hlt())
	cpu:host("signal", 2)
	cpu:run()
	t:expect(cpu.exit.reason, "none")
	t:page(cpu, { cached = "gprs|segs|crs|msrs" })
	t:expect(cpu:run(), "halted")
end)

test("a gpa above all memory is a hole", function(t)
	local cpu = t:machine():vcpu(0)
	cpu:will(guest.mode "long", guest.read { gpa = 0x7fffffff0000 })
	t:expect(cpu:run(), "memory")
	t:expect(cpu.exit.gpa, 0x7fffffff0000)
end)

test("HVA_UNMAP takes the caller's pages, not the guest's", function(t)
	local vm = t:machine()
	local cpu = vm:vcpu(0)
	local pages = vm:ram { gpa = 0x1000 }
	pages:write(0, "A")
	vm:hva_unmap(pages)
	cpu:will(guest.read { gpa = 0x1000 }, guest.hlt())
	t:expect(cpu:run(), "halted")
	t:expect(cpu.truth.rax & 0xff, 0x41)
end)

test("after HVA_UNMAP nothing more can be mapped from there", function(t)
	local vm = t:machine()
	local pages = t:pages(0x1000)
	vm:hva_map(pages)
	vm:hva_unmap(pages)
	t:fails("EINVAL", function()
		vm:gpa_map { pages = pages, gpa = 0x1000 }
	end)
end)

test("after the machine's end the caller's pages keep their content",
    function(t)
	local vm = t:machine()
	local pages = vm:ram { gpa = 0x1000 }
	local cpu = vm:vcpu(0)
	cpu:will(guest.write { gpa = 0x1000, value = 0x41 }, guest.hlt())
	cpu:run()
	vm:destroy()
	t:expect(pages:read(0, 1), "A")
end)

test("a machine's memory is told: the sum of host mappings", function(t)
	local vm = t:machine()
	vm:hva_map(t:pages(0x3000))
	vm:hva_map(t:pages(0x1000))
	t:expect(vm:info().ram, 0x4000)
end)
