-- Sends the request sixteen times at once, so that system calls are shared and what user space costs can be seen.
local depth = 16
local batch

function init()
   local one = {}
   for number = 1, depth do
      one[number] = wrk.format()
   end
   batch = table.concat(one)
end

function request()
   return batch
end
