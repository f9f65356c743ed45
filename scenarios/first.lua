test("an I/O exit finds all its state in the comm page", function(t)
	local vm  = t:machine()
	local cpu = vm:vcpu(0)
	cpu:will(guest.out { port = 0x3f8, size = 1, value = 0x41 })
	cpu:run()
	t:expect(cpu.exit.reason, "io")
	cpu:assist_io(function(io) t:expect(io.data, "A") end)
	t:ioctls { VCPU_RUN = 1 }
end)
