"""A made-up desk: who works there, what they were asked and what they answered. The same sizes give the same desk, row by row.

What `clients/tickets.lua` must know to ask for a ticket, it works out as `ticket_id` here does.
"""

import collections
import functools
import random

# A Monday, in milliseconds since 1970; the last ticket comes two years later, whatever their number.
FIRST = 1_704_067_200_000
SPAN = 2 * 365 * 86_400_000
MINUTE, HOUR = 60_000, 3_600_000

STAFF = 50

Person = collections.namedtuple("Person", "number id email username first last name role created_at")
Ticket = collections.namedtuple(
    "Ticket", "number id title description status priority category type tags requester assignee embed_token comment_count public_count "
    "created_at updated_at first_responded_at resolved_at closed_at")
Tag = collections.namedtuple("Tag", "tag created_at ticket")
Session = collections.namedtuple("Session", "id person created_at expires_at")
Comment = collections.namedtuple("Comment", "number id ticket ticket_id author author_role content comment_type created_at")

# A ticket's status by its number: a fifth is open. The load writes comments to those in progress, whose status no comment moves.
STATUSES = ["open"] * 4 + ["in_progress"] * 3 + ["pending"] * 2 + ["resolved"] * 5 + ["closed"] * 6
PRIORITIES = ["medium", "medium", "low", "high", "medium", "low", "urgent"]
CATEGORIES = ["billing", "hardware", "network", "accounts", "delivery", "website"]
TYPES = ["question", "incident", "problem", "task"]
TAGS = ["vip", "printer", "invoice", "vpn", "refund", "login", "mobile", "slow", "legal", "spare-part", "update"]
FIRST_NAMES = ["Ada", "Bela", "Chidi", "Dana", "Emre", "Fatou", "Greta", "Hugo", "Ines", "Jonas", "Kemi", "Lars", "Mei"]
LAST_NAMES = ["Adler", "Baptiste", "Cohen", "Diallo", "Eriksen", "Fuchs", "Garcia", "Haddad", "Ivanova", "Jansen", "Kowalski"]
WORDS = """account address after again agent allowed answer app archive arrives asks attached available back bill blocked browser button
cable call cannot card case change charged check click code colour company connect contract customer daily date deliver device disk
display document door download driver early empty error every expects export failed file filter first folder form found freezes green
help hours image import invoice item keyboard late letter light line link list load lost mail manual meeting memory menu message
minutes missing mobile monitor month network never notice number office offline old open order page paper parcel password payment
phone photo plan please plug port power price print printer profile project question queue receipt record red refund remote
repair reply report reset restart result return room router save scanner screen search second seems send server shipping shows sign
signal slow software sound spare station status still stock stops store street subject switch table tablet team terminal test text
ticket time today total tray twice update upload user version video visit voice wait warranty wave website week window wire wrong
yesterday""".split()


def sentences(count, least, most):
    """Always the same ones."""
    chance = random.Random(20_240_101)
    return [" ".join(chance.choices(WORDS, k=chance.randint(least, most))).capitalize() + "." for _ in range(count)]


SENTENCES = sentences(4_001, 9, 15)
SUBJECTS = [line[:-1] for line in sentences(2_003, 3, 6)]

# For searches: half of the tickets and a tenth of the comments name one of each, so that any of the hundred pairs stands in the own
# words of one ticket in 200, and in as many again among what is said on them.
PRODUCTS = "falcon heron osprey kestrel merlin harrier buzzard condor plover curlew".split()
FAULTS = "flicker crackle overheat jam stutter smear hiss wobble rattle leak".split()


def named(number, one_in):
    """A sentence that names a product and its fault, for one row in so many; they lie scattered."""
    chance = number * 2_654_435_761 % 2**32 >> 8
    if chance % one_in:
        return ""
    return f" Our {PRODUCTS[chance // one_in % 10]} began to {FAULTS[chance // one_in // 10 % 10]}."


def made_id(time, number):
    """Shaped like a UUID of version 7, and another one for every number below 2^32."""
    return "%08x-%04x-7%03x-8%03x-%04x%08x" % (
        time >> 16, time & 0xFFFF, number * 2503 % 4096, number * 1931 % 4096, number * 40_503 % 65_536, number * 2_654_435_761 % 2**32)


class Desk:
    def __init__(self, tickets=100_000, comments=500_000, people=2_000):
        self.tickets, self.comments, self.people = tickets, comments, people
        self.step = SPAN // tickets
        # The admin's sign-in, and that of the first customer.
        self.session_id = made_id(FIRST, 3_999_999_999)
        self.customer_session_id = made_id(FIRST, 3_999_999_998)
        self.person_ids = [made_id(FIRST - HOUR, 3_000_000_000 + number) for number in range(people + 1)]

    def person_id(self, number):
        return self.person_ids[number]

    def ticket_id(self, number):
        return made_id(self.ticket_time(number), number)

    def ticket_time(self, number):
        return FIRST + (number - 1) * self.step

    def comments_of(self, number):
        """How many comments a ticket has, and how many of them everybody may see."""
        whole, rest = divmod(self.comments, self.tickets)
        count = whole + (number <= rest)
        return count, sum(self.is_public(number + turn * self.tickets) for turn in range(count))

    @staticmethod
    def is_public(comment):
        return comment % 6 != 5

    def person(self, number):
        """Number 1 is an admin, the next fifty are agents, all others customers."""
        role = "admin" if number == 1 else "agent" if number <= 1 + STAFF else "customer"
        first, last = FIRST_NAMES[number % len(FIRST_NAMES)], LAST_NAMES[number // 7 % len(LAST_NAMES)]
        name = f"person{number}"
        return Person(number, self.person_ids[number], f"{name}@example.com", name, first, last, f"{first} {last}", role, FIRST - HOUR)

    def ticket(self, number):
        created, status = self.ticket_time(number), STATUSES[number % 20]
        count, public = self.comments_of(number)
        answered = created + 20 * MINUTE if status != "open" else None
        resolved = created + 30 * HOUR if status in ("resolved", "closed") else None
        closed = created + 60 * HOUR if status == "closed" else None
        return Ticket(
            number, made_id(created, number), f"{SUBJECTS[number * 1_009 % 2_003]} {number}",
            " ".join([SENTENCES[number * 17 % 4_001], SENTENCES[number * 29 % 4_001 - 1], SENTENCES[number * 37 % 4_001 - 2],
                      SENTENCES[number * 53 % 4_001 - 3]]) + named(number, 2),
            status, PRIORITIES[number % 7], CATEGORIES[number % 6], TYPES[number % 4], self.tags_of(number),
            self.requester(number), None if status == "open" else self.assignee(number), made_id(created, number + 1_500_000_000),
            count, public, created, closed or resolved or answered or created, answered, resolved, closed)

    def comment(self, number):
        """They go round the tickets, so that those of one ticket do not lie side by side."""
        turn, index = divmod(number - 1, self.tickets)
        ticket = index + 1
        public = self.is_public(number)
        staff = turn % 2 == 0 or not public
        author = self.assignee(ticket) if staff else self.requester(ticket)
        created = self.ticket_time(ticket) + 20 * MINUTE + turn * 2 * HOUR
        return Comment(
            number, made_id(created, number), ticket, self.ticket_id(ticket), author, "agent" if staff else "customer",
            SENTENCES[number * 31 % 4_001] + " " + SENTENCES[number * 43 % 4_001 - 1] + named(number, 10),
            "public" if public else "private", created)

    def requester(self, ticket):
        return 2 + STAFF + ticket * 7_919 % (self.people - STAFF - 1)

    @staticmethod
    def assignee(ticket):
        return 2 + ticket * 31 % STAFF

    def newest_open(self, count, after=0):
        """The numbers of the newest open tickets, the newest first, without the first `after` of them."""
        numbers = (number for number in range(self.tickets, 0, -1) if STATUSES[number % 20] == "open")
        return [number for place, number in zip(range(after + count), numbers)][after:]

    def tags(self):
        """Every tag of every ticket, in the order of an index by tag."""
        return sorted(Tag(tag, self.ticket_time(number), number) for number in range(1, self.tickets + 1) for tag in self.tags_of(number))

    @staticmethod
    def tags_of(number):
        return list(dict.fromkeys([TAGS[number * 7 % 11], TAGS[number * 5 % 11 - 1]][: number % 3]))

    @functools.cached_property
    def in_hand(self):
        """How many tickets that are not yet resolved each agent has."""
        return collections.Counter(
            self.assignee(number) for number in range(1, self.tickets + 1) if STATUSES[number % 20] in ("in_progress", "pending"))

    def all(self, rows):
        """Every row of that sort, in order of number where it has one."""
        if rows == "tags":
            return self.tags()
        if rows == "sessions":
            signed_in = [(self.session_id, 1), (self.customer_session_id, 2 + STAFF)]
            return [Session(id, person, FIRST, FIRST + 10 * SPAN) for id, person in signed_in]
        make = {"people": self.person, "tickets": self.ticket, "comments": self.comment}[rows]
        return map(make, range(1, getattr(self, rows) + 1))
