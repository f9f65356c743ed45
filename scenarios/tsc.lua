-- The time stamp counter, which is a virtual clock.

test("a new VCPU's TSC starts at 0", function(t)
	if t.abi == "v3" then t:skip("v3's TSC runs with the host's") end
	local cpu = t:machine():vcpu(0)
	cpu:get("msrs")
	t:expect(cpu.state.tsc, 0)
end)

test("the TSC goes on as the guest runs", function(t)
	local cpu = t:machine():vcpu(0)
	cpu:will(guest.rdtsc(), guest.hlt())
	cpu:run()
	local first = cpu.truth.rax | cpu.truth.rdx << 32
	cpu:will(guest.rdtsc(), guest.hlt())
	cpu:run()
	t:expect((cpu.truth.rax | cpu.truth.rdx << 32) > first, true)
end)

test("the TSC can be set", function(t)
	local cpu = t:machine():vcpu(0)
	cpu:get("msrs")
	cpu:set { tsc = 0x1000000000 }
	cpu:will(guest.rdtsc(), guest.hlt())
	cpu:run()
	t:expect((cpu.truth.rax | cpu.truth.rdx << 32) >= 0x1000000000, true)
	t:expect((cpu.truth.rax | cpu.truth.rdx << 32) < 0x1100000000, true)
end)

test("v1 and v2: the TSC reads as at the end of the last run", function(t)
	if t.abi == "v3" then t:skip("v3's TSC is live") end
	local cpu = t:machine():vcpu(0)
	cpu:will(guest.hlt())
	cpu:run()
	cpu:get("msrs")
	local tsc = cpu.state.tsc
	t:expect(tsc, cpu.truth.tsc)
	cpu:will(guest.hlt())
	cpu:run()
	cpu:get("msrs")
	t:expect(cpu.state.tsc > tsc, true)
end)

test("v1 and v2: setting 0 sets 0", function(t)
	if t.abi == "v3" then t:skip("v3 ignores it") end
	local cpu = t:machine():vcpu(0)
	cpu:get("msrs")
	cpu:set { tsc = 1 << 40 }
	cpu:will(guest.hlt(), guest.hlt())
	cpu:run()
	cpu:get("msrs")
	cpu:set { tsc = 0 }
	cpu:run()
	t:expect(cpu.truth.tsc < 1 << 39, true)
end)

test("v3: setting 0 is ignored", { abi = "v3" }, function(t)
	local cpu = t:machine():vcpu(0)
	cpu:get("msrs")
	cpu:set { tsc = 1 << 40 }
	cpu:will(guest.rdtsc(), guest.hlt(), guest.rdtsc(), guest.hlt())
	cpu:run()
	cpu:get("msrs")
	cpu:set { tsc = 0 }
	cpu:run()
	t:expect((cpu.truth.rax | cpu.truth.rdx << 32) >= 1 << 40, true)
end)

test("v3: setting what was reported last is ignored", { abi = "v3" },
    function(t)
	local cpu = t:machine():vcpu(0)
	cpu:will(guest.rdtsc(), guest.hlt(), guest.rdtsc(), guest.hlt())
	cpu:run()
	cpu:get("msrs")
	local reported = cpu.state.tsc
	cpu:set("msrs")
	cpu:run()
	t:expect((cpu.truth.rax | cpu.truth.rdx << 32) > reported, true)
end)
