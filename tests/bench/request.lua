-- SPDX-License-Identifier: Apache-2.0
-- The load: requests made beforehand, sent in turn. Arguments after "--":
--   method, token, file of targets (one a line), body ("" for none; %d becomes a number, another one
--   each time that a target's turn comes)

local requests = {}
local turn = 0

function init(args)
   local method, token, file, body = args[1], args[2], args[3], args[4] or ""
   local headers = { ["Authorization"] = "Bearer " .. token }
   if body ~= "" then headers["Content-Type"] = "application/json" end
   for round = 1, 7 do
      for target in io.lines(file) do
         local text = nil
         if body ~= "" then text = string.format(body, (#requests + 13 * round) % 100) end
         requests[#requests + 1] = wrk.format(method, target, headers, text)
      end
   end
   turn = math.random(#requests)
end

function request()
   turn = turn % #requests + 1
   return requests[turn]
end

function done(summary, latency, requests)
   local e = summary.errors
   io.write(string.format("measured %d requests %d us p50 %d us p99 %d us bad %d\n",
      summary.requests, summary.duration, latency:percentile(50), latency:percentile(99),
      e.connect + e.read + e.write + e.status + e.timeout))
end
