"""What each of our tables holds of the made-up desk; see harness/fill.py. A migration that adds a column adds it here."""

COLUMNS = {
    "people": ("people", {
        "id": "uuid(r.id)", "origin": "'account'", "email": "r.email", "email_key": "r.email", "username": "r.username",
        "username_key": "r.username", "first_name": "r.first", "last_name": "r.last", "name": "r.name", "role": "r.role",
        "support_role": "'general'", "is_active": "True", "is_available": "r.role != 'admin'", "is_verified": "True",
        "totp_confirmed": "False", "totp_last_step": "0", "open_tickets": "desk.in_hand[r.number]", "created_at": "r.created_at",
        "updated_at": "r.created_at", "revision": "1"}),
    "sessions": ("sessions", {
        "id": "uuid(r.id)", "person_id": "uuid(desk.person_id(r.person))", "user_agent": "'bench'", "address": "'127.0.0.1'",
        "created_at": "r.created_at", "last_used_at": "r.created_at", "expires_at": "r.expires_at"}),
    "tickets": ("tickets", {
        "number": "r.number", "id": "uuid(r.id)", "title": "r.title", "description": "r.description", "status": "r.status",
        "priority": "{'low': 1, 'medium': 2, 'high': 3, 'urgent': 4}[r.priority]", "category": "r.category", "type": "r.type",
        "tags": "listed(r.tags)", "requester_id": "uuid(desk.person_id(r.requester))",
        "assignee_id": "r.assignee and uuid(desk.person_id(r.assignee))", "support_role": "'general'", "channel": "'web'",
        "embed_token": "uuid(r.embed_token)", "created_at": "r.created_at", "first_responded_at": "r.first_responded_at",
        "resolved_at": "r.resolved_at", "closed_at": "r.closed_at", "revision": "r.comment_count + 1", "comment_count": "r.comment_count",
        "updated_at": "r.updated_at", "shown_revision": "r.public_count + 1", "shown_comment_count": "r.public_count",
        "shown_updated_at": "r.updated_at"}),
    "tickets_by_change": ("tickets", {"status": "r.status", "updated_at": "r.updated_at", "ticket_number": "r.number"}),
    "ticket_tags": ("tags", {"tag": "r.tag", "created_at": "r.created_at", "ticket_number": "r.ticket"}),
    "comments": ("comments", {
        "id": "uuid(r.id)", "ticket_id": "uuid(r.ticket_id)", "author_id": "uuid(desk.person_id(r.author))", "content": "r.content",
        "is_private": "r.comment_type == 'private'", "created_at": "r.created_at", "updated_at": "r.created_at", "revision": "1",
        "links": "'[]'"}),
}
