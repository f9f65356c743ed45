-- What kick's guest does: a signal ends its loop, then it halts.
vcpu(0, 0):will(guest.out { port = 0x80 }, guest.spin())
