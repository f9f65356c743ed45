-- What serial's guest does, told: the engine that executes nothing.
local cpu = vcpu(0, 0)

for c in ("Hello, NVMM!\n"):gmatch(".") do
	cpu:will(guest.inp { port = 0x3fd }, guest.inp { port = 0x3fd },
	    guest.out { port = 0x3f8, value = c:byte() })
end
