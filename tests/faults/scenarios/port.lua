-- SPDX-License-Identifier: BSD-2-Clause
-- For running out of memory: an exit, an assist, a note.

test("a port is written", function(t)
	local vm = t:machine()
	local cpu = vm:vcpu(0)
	cpu:will(guest.out { port = 0x3f8, value = 0x41 })
	cpu:run()
	t:expect(cpu.exit.reason, "io")
	cpu:assist_io(function(io) t:expect(io.data, "A") end)
	t:note("a note")
end)
