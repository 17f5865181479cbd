"""Who may call what: one table of every route, by every caller. A documented route that is not in the table fails, and so does a row
for a route that is none.

`owner` opened the ticket that a path names, and is the user that it names; `other` is another customer, `guest` one whom an outside
system vouches for, `vouched` an agent of such a system, `scoped` an agent of a desk with AGENT_SCOPE=assigned, `reads` and `writes` API
keys of an admin without the scope for admin's work, `bad` a credential that is none. Every cell asks for a thing of its own."""

import base64
import hashlib
import hmac
import json
import uuid
from urllib.parse import urlencode

import pytest

from desks import ENGINES, Client, running_desk
from files import FORM, form, upload

CALLERS = ["nobody", "bad", "guest", "owner", "other", "vouched", "agent", "scoped", "admin", "reads", "writes"]

TABLE = """
#                                                        nobody bad guest owner other vouched agent scoped admin reads writes
GET    /health                                              200 200   200   200   200     200   200    200   200   200    200
GET    /health/live                                         200 200   200   200   200     200   200    200   200   200    200
GET    /health/ready                                        200 200   200   200   200     200   200    200   200   200    200
GET    /metrics                                             200 401   403   403   403     403   403    403   200   403    403
GET    /docs                                                200 200   200   200   200     200   200    200   200   200    200
GET    /redoc                                               200 200   200   200   200     200   200    200   200   200    200
GET    /assets/docs/{file}                                  200 200   200   200   200     200   200    200   200   200    200
GET    /openapi.json                                        200 200   200   200   200     200   200    200   200   200    200
GET    /api/v1/openapi.json                                 200 200   200   200   200     200   200    200   200   200    200

POST   /auth/register                                       201 401   201   201   201     201   201    201   201   201    201
POST   /auth/register as agent                              403 401   403   403   403     403   403    403   201   403    403
POST   /auth/login                                          200 401   200   200   200     200   200    200   200   200    200
POST   /auth/token                                          200 401   200   200   200     200   200    200   200   200    200
POST   /auth/refresh                                        401 401   401   401   401     401   401    401   401   401    401
POST   /auth/logout                                         200 401   200   200   200     200   200    200   200   200    200
POST   /auth/password/forgot                                202 401   202   202   202     202   202    202   202   202    202
POST   /auth/password/reset                                 400 401   400   400   400     400   400    400   400   400    400
POST   /auth/verify                                         400 401   400   400   400     400   400    400   400   400    400
POST   /auth/setup                                          400 401   400   400   400     400   400    400   400   400    400

GET    /me                                                  401 401   200   200   200     200   200    200   200   200    200
PATCH  /me                                                  401 401   200   200   200     200   200    200   200   403    200
POST   /me/password                                         401 401   403   400   400     403   400    400   400   403    403
GET    /me/sessions                                         401 401   200   200   200     200   200    200   200   200    200
DELETE /me/sessions/{session}                               401 401   403   404   404     403   404    404   404   403    403
POST   /me/totp                                             401 401   403   200   200     403   200    200   200   403    403
POST   /me/totp/confirm                                     401 401   403   400   400     403   400    400   400   403    403
DELETE /me/totp                                             401 401   403   409   409     403   409    409   409   403    403
GET    /api-keys                                            401 401   403   403   403     200   200    200   200   200    200
POST   /api-keys                                            401 401   403   403   403     403   201    201   201   403    403
POST   /api-keys for an admin                               401 401   403   403   403     403   403    403   201   403    403
DELETE /api-keys/{key}                                      401 401   403   403   403     403   204    204   204   403    403

GET    /search/tickets                                      401 401   200   200   200     200   200    200   200   200    200
GET    /search/articles                                     401 401   200   200   200     200   200    200   200   200    200
GET    /search/global                                       401 401   200   200   200     200   200    200   200   200    200
GET    /search/suggest                                      401 401   200   200   200     200   200    200   200   200    200
GET    /knowledge-base/search                               200 401   200   200   200     200   200    200   200   200    200

GET    /users                                               401 401   403   403   403     200   200    200   200   200    200
POST   /users                                               401 401   403   403   403     403   403    403   201   403    403
GET    /users/{user}                                        401 401   403   403   403     200   200    200   200   200    200
PATCH  /users/{user}                                        401 401   403   403   403     403   403    403   200   403    403
DELETE /users/{user}                                        401 401   403   403   403     403   403    403   204   403    403
GET    /users/{user}/tickets                                401 401   403   403   403     200   200    200   200   200    200

POST   /tickets                                             401 401   201   201   201     201   201    201   201   403    201
POST   /tickets for somebody                                401 401   403   403   403     201   201    201   201   403    201
GET    /tickets                                             200 401   200   200   200     200   200    200   200   200    200
GET    /tickets/my                                          401 401   200   200   200     200   200    200   200   200    200
GET    /tickets/{ticket}                                    401 401   404   200   404     200   200    200   200   200    200
GET    /tickets/{ticket} of a colleague                     401 401   404   200   404     200   200    404   200   200    200
GET    /tickets/{ticket} of a person                        401 401   404   404   404     200   200    200   200   200    200
PATCH  /tickets/{ticket}                                    401 401   404   200   404     200   200    200   200   403    200
PATCH  /tickets/{ticket} of a colleague                     401 401   404   200   404     200   200    404   200   403    200
PATCH  /tickets/{ticket} priority                           401 401   404   403   404     200   200    200   200   403    200
PUT    /tickets/{ticket}                                    401 401   404   200   404     200   200    200   200   403    200
DELETE /tickets/{ticket}                                    401 401   403   403   403     403   403    403   204   403    403
POST   /tickets/{ticket}/restore                            401 401   403   403   403     403   403    403   200   403    403
PATCH  /tickets/{ticket}/assign                             401 401   403   403   403     200   200    403   200   403    200
PATCH  /tickets/{ticket}/assign to oneself                  401 401   403   403   403     200   200    200   200   403    200
POST   /tickets/{ticket}/assign                             401 401   403   403   403     200   200    403   200   403    200
POST   /tickets/{ticket}/assign to oneself                  401 401   403   403   403     200   200    200   200   403    200
POST   /tickets/{ticket}/comments                           401 401   404   201   404     201   201    201   201   403    201
POST   /tickets/{ticket}/comments of a colleague            401 401   404   201   404     201   201    404   201   403    201
POST   /tickets/{ticket}/comments in private                401 401   404   403   404     201   201    201   201   403    201
GET    /tickets/{ticket}/comments                           401 401   404   200   404     200   200    200   200   200    200
GET    /tickets/{ticket}/comments of a colleague            401 401   404   200   404     200   200    404   200   200    200
GET    /tickets/{ticket}/comments/{comment}                 401 401   404   200   404     200   200    200   200   200    200
GET    /tickets/{ticket}/comments/{comment} in private      401 401   404   404   404     200   200    200   200   200    200
PATCH  /tickets/{ticket}/comments/{comment}                 401 401   404   200   404     403   403    403   200   403    403
DELETE /tickets/{ticket}/comments/{comment}                 401 401   404   204   404     403   403    403   204   403    403
GET    /tickets/{ticket}/history                            401 401   404   200   404     200   200    200   200   200    200
GET    /tickets/{ticket}/history of a colleague             401 401   404   200   404     200   200    404   200   200    200
POST   /attachments                                         401 401   201   201   201     201   201    201   201   403    201
GET    /attachments/{attachment}                            401 401   404   200   404     200   200    200   200   200    200
GET    /attachments/{attachment} of a colleague             401 401   404   200   404     200   200    404   200   200    200
GET    /attachments/{attachment} in private                 401 401   404   404   404     200   200    200   200   200    200
GET    /attachments/{attachment} unused                     401 401   404   200   404     404   404    404   404   404    404
GET    /attachments/{attachment} by its address             200 401   200   200   200     200   200    200   200   200    200
DELETE /attachments/{attachment}                            401 401   404   409   404     403   403    403   403   403    403
DELETE /attachments/{attachment} unused                     401 401   404   204   404     404   404    404   404   403    404
GET    /tickets/{ticket}/events                             401 401   404   200   404     200   200    200   200   200    200
GET    /tickets/{ticket}/events of a colleague              401 401   404   200   404     200   200    404   200   200    200
GET    /events                                              401 401   200   200   200     200   200    200   200   200    200
GET    /tickets/{ticket}/followers                          401 401   403   403   403     200   200    200   200   200    200
GET    /tickets/{ticket}/followers of a colleague           401 401   403   403   403     200   200    404   200   200    200
GET    /tickets/{ticket}/followers/{user}                   401 401   403   403   403     200   200    200   200   200    200
PUT    /tickets/{ticket}/followers/{user}                   401 401   403   403   403     200   200    200   200   403    200
DELETE /tickets/{ticket}/followers/{user}                   401 401   403   403   403     204   204    204   204   403    204
GET    /tickets/embed/{token}                               200 401   200   200   200     200   200    200   200   200    200
POST   /tickets/{ticket}/embed/rotate                       401 401   404   200   404     200   200    200   200   403    200

GET    /notifications                                       401 401   200   200   200     200   200    200   200   200    200
POST   /notifications/{notification}/read                   401 401   404   404   404     404   404    404   404   403    404
POST   /notifications/read-all                              401 401   200   200   200     200   200    200   200   403    200
GET    /me/preferences                                      401 401   200   200   200     200   200    200   200   200    200
PATCH  /me/preferences                                      401 401   200   200   200     200   200    200   200   403    200
POST   /tickets/bulk                                        401 401   403   403   403     200   200    200   200   403    200
POST   /tickets/bulk delete                                 401 401   403   403   403     403   403    403   200   403    403
GET    /email-templates                                     401 401   403   403   403     403   403    403   200   403    403
GET    /email-templates/{template}                          401 401   403   403   403     403   403    403   200   403    403
PUT    /email-templates/{template}                          401 401   403   403   403     403   403    403   200   403    403
DELETE /email-templates/{template}                          401 401   403   403   403     403   403    403   204   403    403
POST   /email-templates/{template}/preview                  401 401   403   403   403     403   403    403   200   403    403

GET    /setup                                               200 200   200   200   200     200   200    200   200   200    200
POST   /setup                                               400 401   400   400   400     400   400    400   400   400    400
GET    /reset                                               200 200   200   200   200     200   200    200   200   200    200
POST   /reset                                               400 401   400   400   400     400   400    400   400   400    400
GET    /verify                                              200 200   200   200   200     200   200    200   200   200    200
POST   /verify                                              400 401   400   400   400     400   400    400   400   400    400

GET    /events/stream                                       401 401   200   200   200     200   200    200   200   200    200
GET    /ws                                                  426 401   426   426   426     426   426    426   426   426    426
GET    /ws talking                                          101 401   101   101   101     101   101    101   101   101    101
GET    /socket.io                                           400 400   400   400   400     400   400    400   400   400    400
POST   /socket.io                                           400 400   400   400   400     400   400    400   400   400    400

GET    /knowledge-base                                     200 401   200   200   200     200    200    200   200   200    200
POST   /knowledge-base                                     401 401   403   403   403     201    201    201   201   403    201
GET    /knowledge-base/categories                          200 401   200   200   200     200    200    200   200   200    200
GET    /knowledge-base/{article}                           200 401   200   200   200     200    200    200   200   200    200
GET    /knowledge-base/{article} of a draft                404 401   404   404   404     200    200    200   200   200    200
PATCH  /knowledge-base/{article}                           401 401   403   403   403     200    200    200   200   403    200
PATCH  /knowledge-base/{article} of a draft                401 401   404   404   404     200    200    200   200   403    200
PUT    /knowledge-base/{article}                           401 401   403   403   403     200    200    200   200   403    200
DELETE /knowledge-base/{article}                           401 401   403   403   403     204    204    204   204   403    204
GET    /knowledge-base/{article}/versions                  401 401   403   403   403     200    200    200   200   200    200
GET    /knowledge-base/{article}/versions/{version}        401 401   403   403   403     200    200    200   200   200    200
POST   /knowledge-base/{article}/versions/{version}/restore    401 401   403   403   403     200    200    200   200   403    200
POST   /knowledge-base/{article}/vote                      200 401   200   200   200     200    200    200   200   403    200
POST   /knowledge-base/{article}/vote of a draft           404 401   404   404   404     200    200    200   200   403    200
GET    /help                                               200 401   200   200   200     200    200    200   200   200    200
GET    /help/search                                        200 401   200   200   200     200    200    200   200   200    200
GET    /help/{category}                                    200 401   200   200   200     200    200    200   200   200    200
GET    /help/articles/{slug}                               200 401   200   200   200     200    200    200   200   200    200
GET    /help/articles/{slug} of a draft                    404 401   404   404   404     404    404    404   404   404    404
POST   /help/articles/{slug}/vote                          303 401   303   303   303     303    303    303   303   403    303
GET    /help/sitemap.xml                                   200 401   200   200   200     200    200    200   200   200    200
GET    /robots.txt                                         200 200   200   200   200     200    200    200   200   200    200
GET    /assets/help/help.css                               200 200   200   200   200     200    200    200   200   200    200

POST   /register                                            201 401   201   201   201     201   201    201   201   201    201
POST   /login                                               200 401   200   200   200     200   200    200   200   200    200
POST   /create                                              401 401   201   201   201     403   403    403   403   403    403
POST   /reply                                               401 401   403   403   403     201   201    201   201   403    201
GET    /tickets/{user}/open                                 401 401   403   403   403     200   200    200   200   200    200
GET    /tickets/{user}/resolved                             401 401   403   403   403     200   200    200   200   200    200

POST   /api/v1/auth/signup                                  201 401   201   201   201     201   201    201   201   201    201
POST   /api/v1/auth/login                                   200 401   200   200   200     200   200    200   200   200    200
POST   /api/v1/auth/refresh                                 401 401   401   401   401     401   401    401   401   401    401
POST   /api/v1/auth/logout                                  200 401   200   200   200     200   200    200   200   200    200
POST   /api/v1/users/tickets                                401 401   200   200   200     200   200    200   200   403    200
GET    /api/v1/users/tickets                                401 401   200   200   200     200   200    200   200   200    200
GET    /api/v1/users/tickets/{ticket}                       401 401   404   200   404     404   404    404   404   404    404
GET    /api/v1/csr/tickets                                  401 401   403   403   403     200   200    200   200   200    200
PATCH  /api/v1/csr/tickets/{ticket}                         401 401   403   403   403     200   200    200   200   403    200
PATCH  /api/v1/csr/tickets/{ticket} of a colleague          401 401   403   403   403     200   200    404   200   403    200
POST   /api/v1/csr/tickets/{ticket}/assign                  401 401   403   403   403     200   200    403   200   403    200
POST   /api/v1/csr/tickets/{ticket}/assign to oneself       401 401   403   403   403     200   200    200   200   403    200
GET    /ws/tickets/{ticket}                                 426 401   426   426   426     426   426    426   426   426    426
GET    /ws/tickets/{ticket} talking                         401 401   404   101   404     101   101    403   101   101    101
GET    /ws/tickets/{ticket} talking of a colleague          401 401   404   101   404     101   101    404   101   101    101

POST   /api/v1/tickets                                      401 401   201   201   201     201   201    201   201   403    201
GET    /api/v1/tickets                                      401 401   200   200   200     200   200    200   200   200    200
GET    /api/v1/tickets/{ticket}                             401 401   404   200   404     200   200    200   200   200    200
GET    /api/v1/tickets/{ticket} of a colleague              401 401   404   200   404     200   200    404   200   200    200
POST   /api/v1/tickets/{ticket}/messages                    401 401   404   201   404     201   201    201   201   403    201
POST   /api/v1/tickets/{ticket}/messages of a colleague     401 401   404   201   404     201   201    404   201   403    201
GET    /api/v1/tickets/{ticket}/messages                    401 401   404   200   404     200   200    200   200   200    200
GET    /api/v1/tickets/{ticket}/messages of a colleague     401 401   404   200   404     200   200    404   200   200    200

DELETE /me/sessions                                         401 401   403   204   204     403   204    204   204   403    403
"""


def rows():
    for line in TABLE.splitlines():
        if line.strip() and not line.startswith("#"):
            words = line.split()
            statuses = [int(word) for word in words[-len(CALLERS) :]]
            yield words[0], words[1], " ".join(words[2 : -len(CALLERS)]), statuses


def new_person(role="customer"):
    return {"email": f"{uuid.uuid4().hex}@example.com", "password": "correct horse battery", "first_name": "A", "last_name": "B", "role": role}


class Things:
    """What a cell's path and body name, made when they are asked for."""

    def __init__(self, desk, owner, asker, note):
        self.desk, self.owner, self.asker, self.note = desk, owner, asker, note

    def ticket(self):
        ticket = self.desk.ticket(self.owner)
        if self.note == "of a person":
            return self.owner.id
        if self.note.endswith("of a colleague"):
            assert self.desk.admin.post(f"/tickets/{ticket['id']}/assign", {"agent": "bob"}).status == 200
        self.made = ticket
        return ticket["id"]

    def restored(self):
        id = self.ticket()
        assert self.desk.admin.delete(f"/tickets/{id}").status == 204
        return id

    def comment(self):
        private = self.note == "in private"
        return self.desk.comment(self.made, self.desk.agent if private else self.owner, comment_type="private" if private else "public")["id"]

    def attachment(self):
        """A file of the owner's, on a comment of a ticket of theirs unless it is to be unused; in private it is an agent's."""
        sender = self.desk.agent if self.note == "in private" else self.owner
        file = upload(sender, b"It burns like this.")
        if self.note != "unused":
            ticket = {"id": self.ticket()}
            kind = "private" if self.note == "in private" else "public"
            self.desk.comment(ticket, sender, attachments=[file["id"]], comment_type=kind)
        return file["id"] + ("?" + file["url"].split("?")[1] if self.note == "by its address" else "")

    def person(self):
        answer = self.desk.admin.post("/users", {name: value for name, value in new_person().items() if name != "password"})
        assert answer.status == 201, answer.body
        return answer.json["id"]

    def key(self):
        # One's own, where one may have any.
        maker = self.asker if self.asker.makes_keys else self.desk.agent
        answer = maker.post("/api-keys", {"name": "a key", "scopes": ["read"]})
        assert answer.status == 201, answer.body
        return answer.json["id"]

    def follower(self):
        assert self.desk.admin.put(f"/tickets/{self.made['id']}/followers/{self.desk.agent.id}").status == 200
        return self.desk.agent.id

    def article(self):
        body = {"title": "How to print", "content": "With care.", "category": "printing", "is_published": self.note != "of a draft"}
        answer = self.desk.agent.post("/knowledge-base", body)
        assert answer.status == 201, answer.body
        return answer.json

    def path(self, method, pattern):
        path = pattern
        if "{ticket}" in path:
            path = path.replace("{ticket}", self.restored() if path.endswith("/restore") else self.ticket())
        for name, make in {
            "{file}": lambda: "swagger-ui.css",
            "{session}": lambda: str(uuid.uuid4()),
            "{key}": self.key,
            "{comment}": self.comment,
            "{article}": lambda: self.article()["id"],
            "{version}": lambda: "1",
            "{category}": lambda: self.article()["category"],
            "{slug}": lambda: self.article()["slug"],
            "{attachment}": self.attachment,
            "{notification}": lambda: str(uuid.uuid4()),
            "{template}": lambda: "comment_added",
            "{token}": lambda: self.desk.ticket(self.owner)["embed_token"],
        }.items():
            if name in path:
                path = path.replace(name, make())
        if "{user}" in path:
            if "/followers/" in path:
                user = self.follower()
            else:
                user = self.person() if method in ("PATCH", "DELETE") else self.owner.id
            path = path.replace("{user}", user)
        if "/search" in path:
            path += "?text=printer" if path.endswith("/suggest") else "?query=printer"
        assert "{" not in path, f"nobody has said what to put in {pattern}"
        return path

    def body(self, method, pattern):
        note = "" if self.note in ("of a colleague", "of a person", "of a draft") else self.note
        match f"{method} {pattern} {note}".strip():
            case "POST /auth/register" | "POST /users":
                return {name: value for name, value in new_person().items() if name != "role"}
            case "POST /auth/register as agent":
                return new_person("agent")
            case "POST /register":
                person = new_person()
                return {"username": "A B", "email": person["email"], "password": person["password"], "role": "customer"}
            case "POST /auth/login" | "POST /login":
                return {"email": "alice", "password": "alice123"}
            case "POST /auth/token":
                return urlencode({"username": "alice", "password": "alice123"})
            case "POST /auth/refresh" | "POST /auth/logout":
                return {"refresh_token": "none"}
            case "POST /auth/password/forgot":
                return {"email": "nobody@example.com"}
            case "POST /auth/password/reset":
                return {"token": "none", "password": "correct horse battery"}
            case "POST /auth/verify":
                return {"token": "none"}
            case "POST /setup" | "POST /reset" | "POST /verify":
                return urlencode({"token": "none"})
            case "POST /auth/setup":
                person = new_person()
                return {"token": "none"} | {name: person[name] for name in person if name != "role"}
            case "POST /me/password":
                return {"current_password": "not it at all", "new_password": "correct horse battery"}
            case "POST /me/totp/confirm" | "DELETE /me/totp":
                return {"code": "000000"}
            case "PATCH /me":
                return {"locale": "de"}
            case "PATCH /me/preferences":
                return {"replied": {"mail": False}}
            case "POST /tickets/bulk":
                return {"ids": [self.desk.ticket(self.owner)["id"]], "set": {"priority": "high"}}
            case "POST /tickets/bulk delete":
                return {"ids": [self.desk.ticket(self.owner)["id"]], "action": "delete"}
            case "PUT /email-templates/{template}":
                return {"subject": "#{{ticket.number}}", "body": "{{comment.content}}"}
            case "POST /email-templates/{template}/preview":
                return {"subject": "{{ticket.title}}"}
            case "PATCH /users/{user}":
                return {"first_name": "C"}
            case "POST /api-keys for an admin":
                return {"name": "a key", "scopes": ["read", "write", "admin"]}
            case "POST /api-keys":
                return {"name": "a key", "scopes": ["read"]}
            case "POST /attachments":
                return form(b"It burns like this.")
            case "POST /tickets":
                return {"title": "Printer on fire", "description": "It burns."}
            case "POST /tickets for somebody":
                return {"title": "Printer on fire", "description": "It burns.", "requester": {"email": new_person()["email"], "name": "A B"}}
            case "PATCH /tickets/{ticket}" | "PUT /tickets/{ticket}":
                return {"title": "Printer out"}
            case "PATCH /tickets/{ticket} priority":
                return {"priority": "urgent"}
            case "PATCH /tickets/{ticket}/assign" | "POST /tickets/{ticket}/assign":
                return {"agent": "bob"}
            case "PATCH /tickets/{ticket}/assign to oneself" | "POST /tickets/{ticket}/assign to oneself":
                return {"agent_id": self.asker.id}
            case "POST /tickets/{ticket}/comments" | "PATCH /tickets/{ticket}/comments/{comment}":
                return {"content": "It still burns."}
            case "POST /tickets/{ticket}/comments in private":
                return {"content": "Arson.", "comment_type": "private"}
            case "POST /api/v1/auth/signup":
                person = new_person()
                return {"full_name": "A B", "email": person["email"], "password": person["password"]}
            case "POST /api/v1/auth/login":
                return {"email": "alice", "password": "alice123"}
            case "POST /api/v1/auth/refresh" | "POST /api/v1/auth/logout":
                return {"refresh_token": "none"}
            case "POST /api/v1/users/tickets":
                return {"title": "Printer on fire", "description": "It burns.", "category": "fire", "type": "printer"}
            case "PATCH /api/v1/csr/tickets/{ticket}":
                return {"status": "pending"}
            case "POST /api/v1/csr/tickets/{ticket}/assign":
                return {"assignee_id": self.desk.agent.id}
            case "POST /api/v1/csr/tickets/{ticket}/assign to oneself":
                return {"assignee_id": self.asker.id}
            case "POST /api/v1/tickets":
                return {"topic": "Printer on fire", "description": "It burns."}
            case "POST /api/v1/tickets/{ticket}/messages":
                return {"content": "It still burns."}
            case "POST /knowledge-base":
                return {"title": "How to print", "content": "With care."}
            case "PATCH /knowledge-base/{article}" | "PUT /knowledge-base/{article}":
                return {"title": "How to print again"}
            case "POST /knowledge-base/{article}/vote":
                return {"helpful": True}
            case "POST /help/articles/{slug}/vote":
                return urlencode({"helpful": "true"})
            case "POST /create":
                return {"title": "Printer on fire"}
            case "POST /reply":
                return {"reply_text": "On our way.", "ticket_id": self.desk.ticket(self.owner)["number"]}
        return None


def token_of_theirs(secret, **claims):
    """A token of an outside system (HS256)."""

    def part(data):
        return base64.urlsafe_b64encode(data).rstrip(b"=")

    text = part(b'{"alg":"HS256","typ":"JWT"}') + b"." + part(json.dumps(claims).encode())
    return (text + b"." + part(hmac.digest(secret.encode(), text, hashlib.sha256))).decode()


# Its answer has no end, so it is not waited for.
ENDLESS = {"/events/stream"}
# What a client asks a socket with.
UPGRADE = {"upgrade": "websocket", "connection": "Upgrade", "sec_websocket_version": "13", "sec_websocket_key": "dGhlIHNhbXBsZSBub25jZQ=="}
SECRET = "a-secret-shared-with-a-backend"


class Place:
    """A desk, whoever opened the tickets there, and those who ask."""

    def __init__(self, desk):
        self.desk, self.owner = desk, desk.register("Otto", "Owner")

    def vouched(self, role):
        """Somebody whom an outside system vouches for."""
        name = uuid.uuid4().hex
        client = Client(self.desk.martlet, token_of_theirs(SECRET, id=name, username=name, email=f"{name}@example.com", role=role))
        client.id = client.get("/me").json["id"]
        return client

    def key(self, *scopes):
        """A program that an admin has given a key."""
        answer = self.desk.admin.post("/api-keys", {"name": "a key", "scopes": scopes})
        assert answer.status == 201, answer.body
        client = Client(self.desk.martlet, answer.json["key"])
        client.id = self.desk.admin.id
        return client

    def asker(self, name):
        desk = self.desk
        match name:
            case "nobody": client = Client(desk.martlet)
            case "bad": client = Client(desk.martlet, "bad")
            case "guest": client = self.vouched("TEMP_USER")
            case "owner": client = self.owner
            case "other": client = desk.other
            case "vouched": client = self.vouched("AGENT")
            case "agent" | "scoped": client = desk.colleague
            case "admin": client = desk.signed_in("carol", "carol123")
            case "reads": client = self.key("read")
            case "writes": client = self.key("read", "write")
        client.id = getattr(client, "id", desk.agent.id)
        client.makes_keys = name in ("agent", "scoped", "admin")
        return client


@pytest.fixture(scope="module", params=ENGINES)
def callers(request, tmp_path_factory):
    """Where each caller asks, and as whom. Agents who are kept to their own work have a desk of their own."""
    folder = tmp_path_factory.mktemp
    with (
        running_desk(request.param, folder("permissions"), DELEGATED_JWT_SECRET=SECRET) as desk,
        running_desk(request.param, folder("scoped"), DELEGATED_JWT_SECRET=SECRET, AGENT_SCOPE="assigned") as narrow,
    ):
        places = {"scoped": Place(narrow)}
        common = Place(desk)
        yield {name: (place, place.asker(name)) for name in CALLERS for place in [places.get(name, common)]}


def answers(callers, method, pattern, note):
    for name in CALLERS:
        place, asker = callers[name]
        things = Things(place.desk, place.owner, asker, note)
        path = things.path(method, pattern)
        body = things.body(method, pattern)
        kind = {"content_type": "application/x-www-form-urlencoded"} if isinstance(body, str) else {}
        if isinstance(body, bytes):
            kind = {"content_type": FORM}
        if note.startswith("talking"):
            kind = UPGRADE
        if pattern in ENDLESS:
            yield asker.begins(path)
            continue
        answer = asker.request(method, path, body, **kind)
        if answer.status >= 400 and answer["content-type"] == "application/json" and pattern != "/socket.io":
            assert answer.json["error"] and answer.json["message"], answer.body
        if answer.status == 101:
            asker.close()
        yield answer.status


@pytest.mark.parametrize("method, pattern, note, statuses", list(rows()), ids=lambda value: value if isinstance(value, str) else "")
def test_who_may(callers, method, pattern, note, statuses):
    answered = dict(zip(CALLERS, answers(callers, method, pattern, note)))
    expected = dict(zip(CALLERS, statuses))
    assert {name: status for name, status in answered.items() if status != expected[name]} == {}, expected


def test_every_documented_route_is_in_the_table(callers):
    paths = callers["nobody"][1].get("/openapi.json").json["paths"]
    documented = {(method.upper(), path) for path, item in paths.items() for method in item if method != "parameters"}
    assert documented == {(method, pattern) for method, pattern, _, _ in rows()}
