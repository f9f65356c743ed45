-- Every port and memory-mapped device access of one real boot of Linux 6.1
-- (BIOS included), with a timer interrupt at each 400th.
test("a real Linux boot", function(t)
	local seen = t:replay { file = "data/linux-boot.tsv.xz",
	    timer_every = 400, timer_vector = 0x20 }

	t:expect(seen.accesses, 203818)
	t:expect(seen.checked, 83739, "reads that the guest got back right")
	t:expect(seen.interrupts, 203818 // 400)
end)
