"""What only staff do to a ticket moves nothing that customers see, at any address."""

import pytest

from desks import ENGINES, staffed_desk

SECRET = "SECRETWORD"


@pytest.fixture(scope="module", params=ENGINES)
def desk(request, tmp_path_factory):
    with staffed_desk(request.param, tmp_path_factory.mktemp("private"), PUBLIC_TICKETS="on") as desk:
        yield desk


def write(desk, path):
    return f"{path}/comments/{desk.agent.post(f'{path}/comments', {'content': SECRET, 'comment_type': 'private'}).json['id']}"


def edit(desk, path):
    assert desk.agent.patch(write(desk, path), {"content": f"More {SECRET}"}).status == 200


def delete(desk, path):
    assert desk.admin.delete(write(desk, path)).status == 204


def discard_and_restore(desk, path):
    assert desk.admin.delete(path).status == 204
    assert desk.admin.post(f"{path}/restore").status == 200


def follow(desk, path):
    assert desk.agent.put(f"{path}/followers/me").status == 200
    assert desk.agent.delete(f"{path}/followers/me").status == 204


ACTS = [write, edit, delete, discard_and_restore, follow]


def seen(desk, ticket):
    """Every answer that tells its requester, or whoever holds its token, of a ticket: body and what else may move."""
    path, token = f"/tickets/{ticket['id']}", ticket["embed_token"]
    mine = [path, f"/tickets/{ticket['number']}", f"{path}?include=comments,history", f"{path}/comments?count=true",
            f"{path}/history?count=true", "/tickets?sort=-updated_at&count=true", "/tickets?sort=updated_at", "/tickets/my?count=true",
            f"/tickets?updated_after={ticket['shown_at']}"]
    answers = [desk.customer.get(each) for each in mine]
    answers += [desk.anonymous.get(f"/tickets/embed/{token}"), desk.anonymous.get(f"/tickets/{token}", accept="text/html")]
    assert {answer.status for answer in answers} == {200}
    return [(answer.body, answer["etag"], answer["link"]) for answer in answers]


@pytest.mark.parametrize("act", ACTS)
def test_nothing_moves(desk, act):
    ticket = desk.ticket()
    reply = desk.comment(ticket, desk.agent)
    desk.ticket()
    path = f"/tickets/{ticket['id']}"
    tag = desk.customer.get(path)["etag"]
    ticket["shown_at"] = desk.customer.get(path).json["updated_at"]
    before = seen(desk, ticket)
    act(desk, path)
    after = seen(desk, ticket)
    assert after == before and SECRET.encode() not in b"".join(body for body, _, _ in after)
    assert desk.customer.get(path, if_none_match=tag).status == 304
    assert desk.customer.patch(path, {"title": "Fire"}, if_match=tag).status == 200
    assert desk.comment(ticket, after_comment_id=reply["id"])


@pytest.mark.parametrize("act", [write, edit])
def test_a_private_comment_is_not_there(desk, act):
    ticket = desk.ticket()
    act(desk, f"/tickets/{ticket['id']}")
    comment = desk.agent.get(f"/tickets/{ticket['id']}/comments").json["items"][0]
    path = f"/tickets/{ticket['id']}/comments/{comment['id']}"
    unknown = f"/tickets/{ticket['id']}/comments/{ticket['id']}"
    for method, body in (("GET", None), ("PATCH", {"content": "x"}), ("DELETE", None)):
        answers = [desk.customer.request(method, each, body) for each in (path, unknown)]
        assert [(answer.status, answer.json["message"]) for answer in answers] == [(404, "Comment not found")] * 2
    answers = [desk.customer.post(f"/tickets/{ticket['id']}/comments", {"content": "x", "after_comment_id": each})
               for each in (comment["id"], ticket["id"])]
    assert answers[0].status == 400 and answers[0].json["errors"] == answers[1].json["errors"]
