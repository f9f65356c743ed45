-- Exits that a VMM asks for: when an NMI can be taken, when the task priority
-- changes; and the instructions it has to refuse.

test("an NMI window tells when the handler is left", { cpu = "vmx" },
    function(t)
	local cpu = t:machine():vcpu(0)
	cpu:inject { type = "intr", vector = 2 }
	cpu:will(guest.nop(), guest.iret(), guest.hlt())
	cpu:run()
	t:expect(cpu.exit.reason, "nmi_ready")
	t:expect(cpu.exit.nmi_window_exiting, false)
	t:page(cpu, { cached = "" })
	cpu:run()
	t:expect(cpu.exit.reason, "halted")
	t:ioctls { VCPU_RUN = 2 }
end)

test("an NMI window tells before the handler's IRET", { cpu = "svm" },
    function(t)
	local cpu = t:machine():vcpu(0)
	cpu:inject { type = "intr", vector = 2 }
	cpu:will(guest.nop(), guest.iret(), guest.hlt())
	cpu:run()
	t:expect(cpu.exit.reason, "nmi_ready")
	t:expect(cpu.exit.nmi_window_exiting, false)
	cpu:run()
	t:expect(cpu.exit.reason, "halted")
	t:ioctls { VCPU_RUN = 2 }
end)

test("each write of CR8 is told if the VMM wants so", { cpu = "vmx" },
    function(t)
	local cpu = t:machine():vcpu(0)
	cpu:configure_tpr(true)
	cpu:will(guest.mode "long", guest.mov_cr { cr = 8, value = 5 },
	    guest.mov_cr { cr = 8, value = 5 })
	for i = 1, 2 do
		cpu:run()
		t:expect(cpu.exit.reason, "tpr_changed")
		t:expect(cpu.exit.cr8, 5)
	end
	t:page(cpu, { cached = "" })
end)

test("MONITOR and MWAIT are the VMM's to refuse", function(t)
	local cpu = t:machine():vcpu(0)
	cpu:will(guest.monitor(), guest.mwait())
	cpu:run()
	t:expect(cpu.exit.reason, "monitor")
	t:expect(cpu.exit.npc, cpu.truth.rip + 3)
	t:page(cpu, { cached = "" })
	cpu:inject { type = "excp", vector = 6 }
	cpu:run()
	t:expect(cpu.exit.reason, "mwait")
	t:expect(cpu:events()[1].vector, 6)
end)
