-- NMIs and the two windows.

test("an NMI needs no interrupt flag", function(t)
	local cpu = t:machine():vcpu(0)
	cpu:inject { type = "intr", vector = 2 }
	cpu:will(guest.hlt())
	t:expect(cpu:run(), "halted")
	local events = cpu:events()
	t:expect(#events, 1)
	t:expect(events[1].vector, 2)
	t:expect(events[1].type, "intr")
end)

test("nmi_ready on svm: before the IRET, still in the handler",
    { cpu = "svm" }, function(t)
	local cpu = t:machine():vcpu(0)
	cpu:inject { type = "intr", vector = 2 }
	cpu:will(guest.mode "protected", guest.iret(), guest.hlt())
	t:expect(cpu:run(), "nmi_ready")
	t:expect(cpu.exit.nmi_window_exiting, false)
	local rip = cpu.truth.rip
	t:expect(cpu:run(), "halted")
	-- IRET and HLT, of one byte each.
	t:expect(cpu.truth.rip, rip + 2)
end)

test("nmi_ready on svm: any IRET will do", { cpu = "svm" }, function(t)
	local cpu = t:machine():vcpu(0)
	cpu:get("intr")
	cpu:set { nmi_window_exiting = 1 }
	cpu:will(guest.iret(), guest.hlt())
	t:expect(cpu:run(), "nmi_ready")
	t:expect(cpu:run(), "halted")
end)

test("nmi_ready on vmx: when NMIs are not blocked any more",
    { cpu = "vmx" }, function(t)
	local cpu = t:machine():vcpu(0)
	cpu:inject { type = "intr", vector = 2 }
	cpu:will(guest.nop(), guest.iret(), guest.hlt())
	t:expect(cpu:run(), "nmi_ready")
	t:expect(cpu.exit.nmi_window_exiting, false)
	t:expect(cpu:run(), "halted")
end)

test("nmi_ready on vmx: at once, outside a handler", { cpu = "vmx" },
    function(t)
	local cpu = t:machine():vcpu(0)
	cpu:get("intr")
	cpu:set { nmi_window_exiting = 1 }
	cpu:will(guest.hlt())
	t:expect(cpu:run(), "nmi_ready")
	t:expect(cpu:run(), "halted")
end)

test("the NMI window is told with every exit until it opens", function(t)
	local cpu = t:machine():vcpu(0)
	cpu:inject { type = "intr", vector = 2 }
	cpu:will(guest.out { port = 0x80 }, guest.iret(), guest.hlt())
	t:expect(cpu:run(), "io")
	t:expect(cpu.exit.nmi_window_exiting, true)
	cpu:skip()
	t:expect(cpu:run(), "nmi_ready")
	t:expect(cpu.exit.nmi_window_exiting, false)
end)

test("a VMM can take the NMI window back", function(t)
	local cpu = t:machine():vcpu(0)
	cpu:inject { type = "intr", vector = 2 }
	cpu:will(guest.out { port = 0x80 }, guest.iret(), guest.hlt())
	t:expect(cpu:run(), "io")
	cpu:skip()
	cpu:get("intr")
	cpu:set { nmi_window_exiting = 0 }
	t:expect(cpu:run(), "halted")
end)

test("int_ready: interrupts on, no shadow, whatever the TPR", function(t)
	local cpu = t:machine():vcpu(0)
	cpu:get("intr|crs")
	cpu:set { int_window_exiting = 1, cr8 = 15 }
	cpu:will(guest.sti(), guest.nop(), guest.hlt())
	t:expect(cpu:run(), "int_ready")
	t:expect(cpu.exit.int_window_exiting, false)
	t:expect(cpu.exit.rflags & 0x200, 0x200)
	t:expect(cpu.exit.int_shadow, false)
end)

test("sti and hlt: halted comes first, and turns the window off",
    function(t)
	local cpu = t:machine():vcpu(0)
	cpu:get("intr")
	cpu:set { int_window_exiting = 1 }
	cpu:will(guest.sti(), guest.hlt())
	t:expect(cpu:run(), "halted")
	t:expect(cpu.exit.int_shadow, false)
	t:expect(cpu.exit.int_window_exiting, false)
	t:expect(cpu.exit.rflags & 0x200, 0x200)
end)

test("the NMI's vector is an interrupt's, not an exception's", function(t)
	t:needs_comm("inject itself fails, before the run")
	local cpu = t:machine():vcpu(0)
	cpu:inject { type = "excp", vector = 2 }
	t:fails("EINVAL", function() cpu:run() end)
end)

test("both windows at once: the NMI's opens first on vmx",
    { cpu = "vmx" }, function(t)
	local cpu = t:machine():vcpu(0)
	cpu:get("intr")
	cpu:set { int_window_exiting = 1, nmi_window_exiting = 1 }
	cpu:will(guest.hlt { interrupts = true })
	t:expect(cpu:run(), "nmi_ready")
	t:expect(cpu:run(), "int_ready")
	t:expect(cpu:run(), "halted")
end)

test("setting INTR sets and clears the shadow", function(t)
	local cpu = t:machine():vcpu(0)
	cpu:get("intr")
	cpu:set { int_shadow = 1 }
	cpu:will(guest.out { port = 0x80 })
	cpu:run()
	t:expect(cpu.exit.int_shadow, true)
	cpu:get("intr")
	cpu:set { int_shadow = 0 }
	cpu:run()
	t:expect(cpu.exit.int_shadow, false)
end)
