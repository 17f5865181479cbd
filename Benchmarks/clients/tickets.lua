-- Asks for made-up tickets, or posts to them: wrk -s tickets.lua URL -- KIND PATH TOKEN TICKETS FIRST STEP SEED [PACE]
-- KIND is get, post or comment. {id} in PATH becomes the id of some ticket of the desk (harness/desk.py makes the same ids).
-- PACE is how many milliseconds each connection waits before each request; without it, it does not.
local kind, before, after, head, tickets, first, step, pace
local format, random, floor = string.format, math.random, math.floor

local sentence = "The printer on the second floor shows an error since this morning and prints every page twice, then it stops. "

local function id(number)
   local time = first + (number - 1) * step
   return format("%08x-%04x-7%03x-8%03x-%04x%08x", floor(time / 65536), time % 65536, number * 2503 % 4096, number * 1931 % 4096,
      number * 40503 % 65536, number * 2654435761 % 4294967296)
end

-- A comment goes to a ticket in progress, so that it moves no ticket's status: three numbers in twenty.
local function some()
   if kind == "comment" then return random(0, floor(tickets / 20) - 1) * 20 + random(4, 6) end
   return random(1, tickets)
end

local function body()
   if kind == "get" then return nil end
   local chance = random(100000, 999999)
   if kind == "comment" then return format('{"content":"%sI tried it again, see %d. %s"}', sentence, chance, sentence) end
   return format('{"title":"Printer %d prints every page twice","description":"%s%sNumber %d. %s","category":"hardware","type":"incident"}',
      chance, sentence, sentence, chance, sentence)
end

function init(arguments)
   local path, token
   kind, path, token = arguments[1], arguments[2], arguments[3]
   tickets, first, step = tonumber(arguments[4]), tonumber(arguments[5]), tonumber(arguments[6])
   math.randomseed(tonumber(arguments[7]))
   pace = tonumber(arguments[8])
   before, after = path:match("^(.*){id}(.*)$")
   before = (kind == "get" and "GET " or "POST ") .. (before or path)
   head = (after or "") .. " HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer " .. token .. "\r\n"
   if not after then after = false end
   if not pace then delay = nil end
end

function request()
   local text = body()
   local rest = text and "Content-Type: application/json\r\nContent-Length: " .. #text .. "\r\n\r\n" .. text or "\r\n"
   return before .. (after and id(some()) or "") .. head .. rest
end

function delay()
   return pace
end
