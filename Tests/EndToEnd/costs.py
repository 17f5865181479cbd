"""What a request costs the loop's thread, and texts that are made to cost much."""

import pathlib

# What one request or frame may cost the loop. Not a wall clock's time: what the thread was on a processor, however busy the machine is.
MOST_MS = 50

# No noise explains this: a test ends here, and does not go on to try the same elsewhere.
FAR_TOO_MUCH_MS = 10 * MOST_MS


class LoopMeter:
    """Reads how long the loop's thread was on a processor. With one loop that is the process's first thread."""

    def __init__(self, martlet):
        self.pid = martlet.pid
        self.stat = pathlib.Path(f"/proc/{self.pid}/task/{self.pid}/schedstat")

    def now(self):
        return int(self.stat.read_text().split()[0]) / 1e6

    def cost(self, act):
        """Milliseconds that the loop was on a processor while `act` was done and answered."""
        before = self.now()
        act()
        return self.now() - before

    def least(self, act, tries=3):
        """The least cost of a few tries, since the loop does other things too. One that is cheap enough is not tried again."""
        cost = self.cost(act)
        for _ in range(tries - 1):
            if cost <= MOST_MS or cost > FAR_TOO_MUCH_MS:
                break
            cost = min(cost, self.cost(act))
        return cost


class Costs(dict):
    """What each place cost."""

    def __setitem__(self, place, cost):
        assert cost <= FAR_TOO_MUCH_MS, f"{place} cost the loop {cost:.0f} ms"
        super().__setitem__(place, cost)


def filled(piece, size, before=""):
    """`piece` again and again, up to so many bytes of UTF-8."""
    return before + piece * max(1, (size - len(before.encode())) // len(piece.encode()))


def halves(size, first, second):
    """Marks whose order in Unicode is the other way round: to sort them takes the square of their number."""
    return "a" + first * ((size - 1) // 4) + second * ((size - 1) // 4)


# Each a function of the size in bytes.
FAMILIES = {
    "marks": lambda size: halves(size, "\u0301", "\u0323"),
    "pairs of marks": lambda size: filled("\u0f73", size, "a"),
    "flags": lambda size: filled("\U0001F1E6", size),
    "joined emoji": lambda size: filled("\U0001F468\u200d", size),
    "syllables": lambda size: filled("\u1161", size, "\u1100"),
    "quotes": lambda size: filled('"', size),
    "escapes": lambda size: filled("\\", size),
    "brackets": lambda size: filled("[{<(", size),
    "digits": lambda size: filled("9", size),
    "spaces": lambda size: filled(" ", size, "a"),
    "dots": lambda size: filled(".", size, "a"),
    "commas": lambda size: filled(",a ", size),
    "lines": lambda size: filled("> \n", size),
}

# Of these the field values of a request can be made: no line's end.
LINELESS = {name: make for name, make in FAMILIES.items() if name != "lines"}
