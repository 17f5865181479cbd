"""Files as a client sends them."""

BOUNDARY = "----a-boundary-of-tests"
FORM = f"multipart/form-data; boundary={BOUNDARY}"


def part(name, content, filename=None, type=None):
    head = f'Content-Disposition: form-data; name="{name}"' + (f'; filename="{filename}"' if filename is not None else "")
    head += f"\r\nContent-Type: {type}" if type else ""
    return f"--{BOUNDARY}\r\n{head}\r\n\r\n".encode() + content + b"\r\n"


def closed(*parts):
    return b"".join(parts) + f"--{BOUNDARY}--\r\n".encode()


def form(content, filename="note.txt", type="text/plain"):
    return closed(part("file", content, filename, type))


def send(client, content, filename="note.txt", type="text/plain", **fields):
    return client.post("/attachments", form(content, filename, type), content_type=FORM, **fields)


def upload(client, content, filename="note.txt", type="text/plain"):
    answer = send(client, content, filename, type)
    assert answer.status == 201, answer.body
    return answer.json


def place(url):
    """The path of an address, with its query."""
    return "/attachments/" + url.split("/attachments/")[1]
