-- Searches tickets for two words, each time another pair: wrk -s searches.lua URL -- TOKEN SEED FIRST-WORDS SECOND-WORDS
-- The words of each list have commas between them. It says the 95th percentile, which wrk does not.
local random = math.random
local head, first, second

local function words(text)
   local list = {}
   for word in text:gmatch("[^,]+") do list[#list + 1] = word end
   return list
end

function init(arguments)
   head = " HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer " .. arguments[1] .. "\r\n\r\n"
   math.randomseed(tonumber(arguments[2]))
   first, second = words(arguments[3]), words(arguments[4])
end

function request()
   return "GET /search/tickets?query=" .. first[random(#first)] .. "+" .. second[random(#second)] .. head
end

function done(summary, latency)
   io.write(string.format("     95%%  %.3fms\n", latency:percentile(95) / 1000))
end
