-- Guests that run wild.  Whatever they do ends in an exit or in a stop.

local HOLE = 0x900000

-- Real mode at 0x7c00; the vectors below 0x400 are zeros.
local function real(t, code)
	local vm = t:machine()
	local ram = vm:ram { gpa = 0, size = 0x10000 }
	ram:write(0x7c00, code)
	return vm, vm:vcpu(0):boot { at = 0x7c00 }, ram
end

-- Long mode with page tables at cr3, at address 0x8000, without a usable IDT.
local function long(t, code, tables, cr3)
	local vm = t:machine()
	local ram = vm:ram { gpa = 0, size = 0x10000 }
	local cpu = vm:vcpu(0)
	for gpa, entry in pairs(tables) do
		ram:write(gpa, string.pack("<I8", entry))
	end
	ram:write(0x8000, code)
	cpu:get("all")
	cpu:set { cr0 = 0x80000031, cr3 = cr3 or 0x1000, cr4 = 0x20,
	    efer = 0xd00, ["cs.attrib"] = 0xa9b, ["cs.base"] = 0,
	    ["cs.selector"] = 8, ["ss.selector"] = 16, ["ss.attrib"] = 0xc93,
	    ["ss.limit"] = 0xffffffff, ["idt.limit"] = 0, rip = 0x8000,
	    rsp = 0x8000 }
	return vm, cpu:boot(), ram
end

-- The first 2 MiB are where they are.
local function tables()
	return { [0x1000] = 0x2003, [0x2000] = 0x3003, [0x3000] = 0x83 }
end

test("wild: a jump into a hole", { engine = "interp" }, function(t)
	-- jmp 0x9000:0x1234
	local vm, cpu = real(t, "\xea\x34\x12\x00\x90")
	t:expect(cpu:run(), "memory")
	t:expect(cpu.exit.prot, "x")
	t:expect(cpu.exit.gpa, 0x91234)
	t:expect(cpu.truth.rip, 0x1234)
	t:expect(cpu.truth["cs.selector"], 0x9000)
	t:expect(cpu:run(), "memory", "again")
	vm:ram { gpa = 0x91000 }:write(0x234, "\xf4")
	t:expect(cpu:run(), "halted")
	t:expect(cpu.truth.rip, 0x1235)
	t:ioctls { VCPU_RUN = 3 }
end)

test("wild: an instruction that ends beyond its segment, or in a hole",
    { engine = "interp" }, function(t)
	-- jmp 0:0xfffd, where a mov eax, imm32 begins: three bytes are there.
	local vm, cpu, ram = real(t, "\xea\xfd\xff\x00\x00")
	ram:write(0xfffd, "\x66\xb8\x44")
	ram:write(13 * 4, "\x00\x05\x00\x00")		-- #GP: hlt
	ram:write(0x500, "\xf4")
	cpu:get("gprs")
	cpu:set { rsp = 0x7000 }
	t:expect(cpu:run(), "halted")
	t:expect(ram:read(0x6ffa, 2), "\xfd\xff", "where the fault was")
	cpu:get("segs|gprs")
	cpu:set { ["cs.base"] = 0x100, rip = 0xfefd }
	t:expect(cpu:run(), "memory")
	t:expect(cpu.exit.prot, "x")
	t:expect(cpu.exit.gpa, 0x10000)
	vm:ram { gpa = 0x10000 }:write(0, "\x33\x22\x11\xf4")
	t:expect(cpu:run(), "halted")
	t:expect(cpu.truth.rax, 0x11223344)
end)

test("wild: a triple fault", { engine = "interp" }, function(t)
	-- lidt [0x7d00] ; ud2
	local vm, cpu, ram = real(t, "\x0f\x01\x1e\x00\x7d\x0f\x0b")
	t:expect(cpu:run(), "shutdown")
	t:expect(cpu.truth.rip, 0x7c05)
	t:expect(cpu.truth["idt.limit"], 0)
	t:expect(cpu:run(), "shutdown", "again")
	t:page(cpu, { cached = "" })
end)

test("wild: page tables in a hole", { engine = "interp" }, function(t)
	for level, entry in ipairs { 0x1000, 0x2000, 0x3000 } do
		local map = tables()
		map[entry] = HOLE + 3
		local vm, cpu = long(t, "\xf4", map)
		t:expect(cpu:run(), "memory")
		-- 0x8000 is the first entry of all levels but the last.
		t:expect(cpu.exit.gpa, HOLE + (level == 3 and 0x40 or 0))
	end
	local vm, cpu = long(t, "\xf4", {}, HOLE)
	t:expect(cpu:run(), "memory")
	t:expect(cpu.exit.gpa, HOLE)
end)

test("wild: page tables that are made while the guest waits for them",
    { engine = "interp" }, function(t)
	local map = tables()
	map[0x2000] = HOLE + 3
	local vm, cpu = long(t, "\xf4", map)
	t:expect(cpu:run(), "memory")
	vm:ram { gpa = HOLE }:write(0, string.pack("<I8", 0x83))
	t:expect(cpu:run(), "halted")
end)

test("wild: a page table that points at itself", { engine = "interp" },
    function(t)
	-- One page is all four levels, and what they map: 0x1000 at 0.
	local vm, cpu, ram = long(t, "", { [0x1000] = 0x1003 })
	-- inc qword [0xff8] ; mov qword [0], 0 ; mov rax, cr3 ;
	-- mov cr3, rax ; hlt
	ram:write(0x1800, "\x48\xff\x04\x25\xf8\x0f\x00\x00" ..
	    "\x48\xc7\x04\x25\x00\x00\x00\x00\x00\x00\x00\x00" ..
	    "\x0f\x20\xd8\x0f\x22\xd8\xf4")
	cpu:get("gprs")
	cpu:set { rip = 0x800 }
	t:expect(cpu:run(), "shutdown", "it has lost itself")
	t:expect(ram:read(0x1ff8, 1), "\1")
	t:expect(ram:read(0x1000, 8), ("\0"):rep(8))
	t:expect(cpu.truth.rip, 0x81a)
end)

test("wild: a guest that takes away its own code", { engine = "interp" },
    function(t)
	-- mov qword [0x3000], 0 ; invlpg [0x8000] ; hlt
	local vm, cpu = long(t, "\x48\xc7\x04\x25\x00\x30\x00\x00" ..
	    "\x00\x00\x00\x00\x0f\x01\x3c\x25\x00\x80\x00\x00\xf4", tables())
	t:expect(cpu:run(), "shutdown")
	t:expect(cpu.truth.rip, 0x8014)
	t:expect(cpu.truth.cr2, 0x8014)
end)

test("wild: a guest that writes its own code", { engine = "interp" },
    function(t)
	local vm, cpu, ram = long(t, "\xb9\x02\x00\x00\x00" ..	-- mov ecx, 2
	    "\xc6\x05\x00\x00\x00\x00\x90" ..	-- mov byte [rip], 0x90
	    "\xf4" ..				-- hlt, not any more
	    "\xff\xc9\x75\xf4" ..		-- dec ecx ; jnz
	    "\xc6\x05\xf4\xff\xff\xff\xf4" ..	-- mov byte [its hlt], 0xf4
	    "\xeb\xf2", tables())		-- jmp there
	t:expect(cpu:run(), "halted")
	t:expect(cpu.truth.rip, 0x800d)
	t:expect(cpu.truth.rcx, 0)
end)

-- Loops that never exit, each left by a stop and by a signal.  Those that the
-- kernel handles are not left running, since how often it does is counted.
local loops = {
	{ "a jump to itself", "\xeb\xfe" },
	{ "PAUSE", "\xf3\x90\xeb\xfc" },
	{ "UD2", "\x0f\x0b\xeb\xfc" },
	{ "a trap after each instruction",
	    "\x68\x02\x01\x9d\x90\xeb\xfd" },	-- push 0x102 ; popf ; nop
	{ "INT 6", "\xcd\x06\xeb\xfc" },
	{ "LOCK CMPXCHG", "\xf0\x0f\xb1\x0e\x00\x06\xeb\xf9" },
	{ "REP MOVSB", "\xb9\xff\xff\xf3\xa4\xeb\xf9" },
	{ "RDPMC", "\x0f\x33\xeb\xfc", handled = true },
	{ "MOV to CR0", "\x0f\x20\xc0\x0f\x22\xc0\xeb\xf8",
	    handled = true },
	{ "CPUID", "\x0f\xa2\xeb\xfc", handled = true },
}
for _, row in ipairs(loops) do
	test("wild: an endless loop of " .. row[1], { engine = "interp" },
	    function(t)
		local vm, cpu, ram = real(t, row[2])
		-- #DB and #UD: an IRET at 0x500.
		ram:write(4, "\x00\x05\x00\x00")
		ram:write(24, "\x00\x05\x00\x00")
		ram:write(0x500, "\xcf")

		for looks = 1, 5 do
			cpu:host("signal", looks)
			t:expect(cpu:run(), "none")
		end
		if row.handled then return end
		if t.has_stop then
			cpu:meanwhile(function() cpu:stop() end)
			t:expect(cpu:run(), "stopped")
		end
		cpu:meanwhile(function() cpu:host("signal") end)
		t:expect(cpu:run(), "none")
	end)
end

test("wild: a stack in a hole", { engine = "interp" }, function(t)
	-- mov esp, HOLE + 0x1000 ; push rax ; hlt
	local map = tables()
	map[0x3020] = 0x800083
	local vm, cpu = long(t, "\xbc\x00\x10\x90\x00\x50\xf4", map)
	t:expect(cpu:run(), "memory")
	t:expect(cpu.exit.prot, "w")
	t:expect(cpu.exit.gpa, HOLE + 0xff8)
	t:expect(cpu.truth.rsp, HOLE + 0x1000)
	local stack = vm:ram { gpa = HOLE }
	t:expect(cpu:run(), "halted")
	t:expect(cpu.truth.rsp, HOLE + 0xff8)
end)

test("wild: an interrupt's frame goes to a hole", { engine = "interp" },
    function(t)
	-- mov ax, 0x2000 ; mov ss, ax ; mov sp, 0x100 ; sti ; hlt ; hlt
	local vm, cpu, ram = real(t, "\xb8\x00\x20\x8e\xd0\xbc\x00\x01" ..
	    "\xfb\xf4\xf4")
	ram:write(0x80, "\x00\x05\x00\x00")
	ram:write(0x500, "\xf4")
	t:expect(cpu:run(), "halted")
	cpu:inject { type = "intr", vector = 0x20 }
	t:expect(cpu:run(), "memory")
	t:expect(cpu.exit.prot, "w")
	t:expect(cpu.exit.gpa & ~0xff, 0x20000)
	t:expect(cpu.exit.evt_pending, true)
	t:expect(cpu.truth.rip, 0x7c0a, "nothing half done")
	local stack = vm:ram { gpa = 0x20000 }
	t:expect(cpu:run(), "halted", "it has not been forgotten")
	t:expect(cpu.exit.evt_pending, false)
	t:expect(cpu.truth.rip, 0x501)
	t:expect(stack:read(0xfa, 2), "\x0a\x7c")
end)

test("wild: an IDT in a hole", { engine = "interp" }, function(t)
	local map = tables()
	map[0x3020] = 0x800083
	local vm, cpu = long(t, "\x0f\x0b", map)	-- ud2
	cpu:get("segs")
	cpu:set { ["idt.base"] = HOLE, ["idt.limit"] = 0xfff }
	t:expect(cpu:run(), "memory")
	t:expect(cpu.exit.gpa & ~0xf, HOLE + 0x60)
	t:expect(cpu.truth.rip, 0x8000)
	t:expect(cpu.exit.evt_pending, true)
end)

test("wild: REP STOSB from RAM into a hole and on", { engine = "interp" },
    function(t)
	-- mov edi, 0xc000 ; mov rcx, -1 ; rep stosb ; hlt
	local vm, cpu, ram = long(t, "\xbf\x00\xc0\x00\x00" ..
	    "\x48\xc7\xc1\xff\xff\xff\xff\xf3\xaa\xf4", tables())
	cpu:get("gprs")
	cpu:set { rax = 0x41 }
	t:expect(cpu:run(), "memory")
	t:expect(cpu.exit.gpa, 0x10000)
	t:expect(cpu.truth.rdi, 0x10000)
	t:expect(cpu.truth.rcx, -1 - 0x4000)
	t:expect(ram:read(0xc000, 0x4000), ("A"):rep(0x4000))
end)

-- Garbage as code, in each mode.
local reasons = {
	io = true, memory = true, rdmsr = true, wrmsr = true, halted = true,
	cpuid = true, shutdown = true, invalid = true, monitor = true,
	mwait = true, none = true, int_ready = true, nmi_ready = true,
	tpr_changed = true,
}
local skipped = { io = true, rdmsr = true, wrmsr = true }

local function garbage(t, cpu, ram)
	local bytes = {}
	for i = 1, 0x1000 do bytes[i] = string.char(math.random(0, 255)) end
	ram:write(0x7c00, table.concat(bytes))
	for i = 1, 40 do
		cpu:host("signal", 2)
		local reason = cpu:run()
		t:expect(reasons[reason], true, reason)
		if skipped[reason] then
			cpu:skip()
		else
			cpu:get("gprs")
			cpu:set { rip = 0x7c00 + math.random(0, 0xfff) }
		end
	end
	cpu:host("nothing")
end

local modes = {
	real = function(t) return real(t, "") end,
	protected = function(t)
		local vm, cpu, ram = real(t, "")
		cpu:get("segs|crs")
		cpu:set { cr0 = 0x31, ["cs.attrib"] = 0xc9b, ["cs.base"] = 0,
		    ["cs.limit"] = 0xffffffff, ["ss.attrib"] = 0xc93,
		    ["ds.attrib"] = 0xc93, ["es.attrib"] = 0xc93,
		    ["idt.limit"] = 0 }
		return vm, cpu, ram
	end,
	long = function(t) return long(t, "", tables()) end,
	["long, as a user"] = function(t)
		local map = { [0x1000] = 0x2007, [0x2000] = 0x3007,
		    [0x3000] = 0x87 }
		local vm, cpu, ram = long(t, "", map)
		cpu:get("segs")
		cpu:set { ["cs.attrib"] = 0xafb, ["cs.selector"] = 0x2b,
		    ["ss.attrib"] = 0xcf3, ["ss.selector"] = 0x23 }
		return vm, cpu, ram
	end,
}
for name, make in pairs(modes) do
	test("wild: garbage as code: " .. name, { engine = "interp" },
	    function(t)
		for i = 1, 4 do
			local vm, cpu, ram = make(t)
			garbage(t, cpu, ram)
			vm:destroy()
		end
	end)
end
