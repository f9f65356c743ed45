-- What smp's two guests do.
for cpuid = 0, 1 do
	for _ = 1, 100 do
		vcpu(0, cpuid):will(guest.write { gpa = 0xd0000, size = 2,
		    value = cpuid + 1 })
	end
end
