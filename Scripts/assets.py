"""Packs the files that Sources/Web embeds and writes the C table of them. Usage: assets.py OUR_PAGES OUT_FOLDER."""

import gzip
import hashlib
import pathlib
import sys

import openapi_ui_bundles

CONTENT_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
}

# ReDoc shows its maker's picture below the menu, from the maker's server, and has no option against it. The package
# brings the same picture, so the bundle is pointed at our copy.
REDOC_LOGO = (b"https://cdn.redoc.ly/redoc/logo-mini.svg", b"/assets/docs/redoc-logo.svg")

# Addresses that a bundle would fetch from by itself. Links that a reader may click are no concern of ours.
FETCHED_FROM = [b"cdn.redoc.ly", b"fonts.googleapis.com", b"fonts.gstatic.com", b"unpkg.com", b"cdn.jsdelivr.net"]


def collect(pages):
    """URL path -> (name of the made file, bytes)."""
    vendor = pathlib.Path(openapi_ui_bundles.__file__).parent
    swagger, redoc = vendor / "swagger_ui/vendor", vendor / "redoc/vendor"
    bundle = (redoc / "redoc.standalone.js").read_bytes()
    if bundle.count(REDOC_LOGO[0]) != 1:
        sys.exit("assets: ReDoc's bundle no longer names its picture where it did; look at it again before it is embedded.")
    found = {
        "/assets/docs/swagger-ui-bundle.js": (swagger / "swagger-ui-bundle.js").read_bytes(),
        "/assets/docs/swagger-ui.css": (swagger / "swagger-ui.css").read_bytes(),
        "/assets/docs/redoc.standalone.js": bundle.replace(*REDOC_LOGO),
        "/assets/docs/redoc-logo.svg": (redoc / "logo-mini.svg").read_bytes(),
    }
    for file in sorted(pages.iterdir()):
        path = f"/{file.stem}" if file.suffix == ".html" else f"/assets/docs/{file.name}"
        found[path] = file.read_bytes()
    for path, content in found.items():
        for host in FETCHED_FROM:
            if host in content:
                sys.exit(f"assets: {path} names {host.decode()}, and a page of ours must not ask another machine for anything.")
    return found


def write(file, content):
    """Only if it differs, so that a build has nothing to do when nothing changed."""
    if not file.exists() or file.read_bytes() != content:
        file.write_bytes(content)


def main(pages, out):
    out.mkdir(parents=True, exist_ok=True)
    arrays, rows, kept = [], [], {"assets.inc", ".made"}
    for number, (path, content) in enumerate(sorted(collect(pages).items())):
        suffix = pathlib.PurePosixPath(path).suffix or ".html"
        name = path.strip("/").replace("/", "-") + ("" if path.endswith(suffix) else suffix)
        packed = gzip.compress(content, 9, mtime=0)
        write(out / name, content)
        arrays.append(f'static const unsigned char plain_{number}[] = {{\n#embed "{name}"\n}};')
        kept.add(name)
        gzip_fields = "0, 0"
        if len(packed) < len(content):
            write(out / f"{name}.gz", packed)
            arrays.append(f'static const unsigned char gzip_{number}[] = {{\n#embed "{name}.gz"\n}};')
            gzip_fields = f"gzip_{number}, sizeof gzip_{number}"
            kept.add(f"{name}.gz")
        etag = hashlib.sha256(content).hexdigest()[:16]
        rows.append(f'    {{"{path}", "{CONTENT_TYPES[suffix]}", "\\"{etag}\\"", plain_{number}, sizeof plain_{number}, {gzip_fields}}},')
    table = "\n".join(["// Made by Scripts/assets.py.", *arrays, "static const struct web_asset assets[] = {", *rows, "};", ""])
    write(out / "assets.inc", table.encode())
    for file in out.iterdir():
        if file.name not in kept:
            file.unlink()


main(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]))
