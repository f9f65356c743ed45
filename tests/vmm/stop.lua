-- What stop's guest does: as many loops as there are ways to stop it.  A
-- signal and a stop may end a loop each, so there are more.
local cpu = vcpu(0, 0)

cpu:will(guest.out { port = 0x80 })
for _ = 1, 100 do cpu:will(guest.spin()) end
