"""Runs the attacks, each from its own addresses, until the time is over: `attackers.py FILE`, where the file holds `host`, `port`, `seconds`,
`seed` and `attackers` (address, token, ticket). It prints how often each attack was carried out. It yields the processor to everybody else:
what the server does for it counts, and not its own work."""

import asyncio
import collections
import json
import os
import random
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from siege.attacks import ATTACKS, Attacker  # noqa: E402

# How many of an address's attacks run at once, and how long it rests between two.
AT_ONCE = 2
REST = (0.1, 0.6)


async def besiege(attacker, chance, end, counts):
    loop = asyncio.get_running_loop()
    while loop.time() < end:
        attack = chance.choice(ATTACKS)
        try:
            await asyncio.wait_for(attack(attacker), 20)
            counts[attack.__name__] += 1
        except (OSError, EOFError, ValueError, asyncio.TimeoutError, asyncio.LimitOverrunError):
            # It was sent away in the middle, which is what the server should do.
            counts[attack.__name__ + " (cut)"] += 1
        await asyncio.sleep(chance.uniform(*REST))


async def main(plan):
    counts = collections.Counter()
    end = asyncio.get_running_loop().time() + plan["seconds"]
    runs = []
    for number, found in enumerate(plan["attackers"]):
        attacker = Attacker(plan["host"], plan["port"], found["address"], found["token"], found["ticket"])
        for which in range(AT_ONCE):
            runs.append(besiege(attacker, random.Random(f"{plan['seed']} {number} {which}"), end, counts))
    await asyncio.gather(*runs)
    return counts


if __name__ == "__main__":
    os.nice(19)
    with open(sys.argv[1]) as file:
        print(json.dumps(asyncio.run(main(json.load(file))), indent=1, sort_keys=True))
