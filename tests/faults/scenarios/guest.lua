-- SPDX-License-Identifier: BSD-2-Clause
-- For running out of memory: guests that execute, alone and together.

test("guests say hello", { engine = "interp" }, function(t)
	local vm = t:machine()
	vm:ram { gpa = 0, size = 0x10000 }
	vm:program { name = "hello16", gpa = 0x7c00 }
	local text, cpus = "", {}
	local function io(io) text = text .. io.data end

	for i = 1, 2 do
		cpus[i] = vm:vcpu(i):boot { at = 0x7c00 }
	end
	t:expect(cpus[1]:serve { io = io }, "halted")
	t:expect(#text, 38)
	cpus[1]:boot { at = 0x7c00 }
	local reasons = vm:run_together { cpus = cpus, io = io }
	t:expect(table.concat(reasons), "haltedhalted")
	t:expect(#text, 3 * 38)
end)
