-- SPDX-License-Identifier: BSD-2-Clause
-- For running out of memory: a machine with memory, an event, an error.

test("memory is mapped and an event delivered", function(t)
	local vm = t:machine()
	local cpu = vm:vcpu(0)
	local pages = vm:ram { gpa = 0x1000, size = 0x2000 }
	pages:write(0, "hello")
	cpu:inject { type = "intr", vector = 0x20 }
	cpu:will(guest.sti(), guest.nop(), guest.hlt { interrupts = true })
	cpu:run()
	t:expect(cpu:events()[1].vector, 0x20)
	t:fails("EINVAL", function() vm:configure(9) end)
	cpu:destroy()
	vm:destroy()
end)
