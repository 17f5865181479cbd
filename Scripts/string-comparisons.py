#!/usr/bin/env python3
"""Finds where the parts that read what clients send compare, hash or fold a `String`, in place of its bytes.

Swift takes texts apart before it compares them, and two that are not the same bytes may be equal: that is dear and rarely meant (see
Sources/Codec/Text/CombiningMarks.swift). Source does not show it: `==`, `switch`, a synthesised `Equatable`, a `Set`, `contains` all come to
it. The objects of a debug build do, each by the functions that it calls. What is right all the same stands in string-comparisons.txt, a line
for each file with the reason; a line that nothing needs any more is a fault too.
"""

import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
PARTS = ["Codec", "HTTP", "API"]

# What an object asks for, by its mangled name (S and Ss are String and Substring).
KINDS = {
    "compares": r"\$sS[SJ]2eeoi\S*|\$sS[sSJ]SQs(?:WP|Mc)|\$sSysE2eeoi\S*|\$sSS1loi\S*|\$sS[sSJ]SLs(?:WP|Mc)",
    "hashes": r"\$sS[sSJ]SHs(?:WP|Mc)|\$sSS4hash4into\S*",
    "folds": r"\$sS[sS]10(?:lower|upper)cased\S*",
    "looks for an affix": r"\$sS(?:S|ysE)9has(?:Pre|Suf)fix\S*",
    "looks for a text": r"\$sSy17_StringProcessing\S*|\$sSysE8contains\S*",
    "walks back": r"\$sS[sS]SKs(?:WP|Mc)",
    "finds a case": r"\$ss\d+_findStringSwitchCase\S*",
    "decodes": r"\$sSS8decoding2as\S*",
}


def kinds(names):
    """What the functions with these names do to texts."""
    return {kind for kind, pattern in KINDS.items() if any(re.fullmatch(pattern, name) for name in names)}


def undefined(items):
    """The names of the functions that each object takes from elsewhere, by its file's name."""
    listing = subprocess.run(["nm", "-u", "-A", *items], capture_output=True, text=True, check=True).stdout
    result = {}
    for line in listing.splitlines():
        item, _, name = line.rpartition(" U ")
        result.setdefault(pathlib.Path(item.rstrip().rstrip(":")).name, set()).add(name.strip())
    return result


def found(build):
    """What each source file does to texts, by its path under Sources/."""
    result = {}
    for part in PARTS:
        items = {source: build / f"{part}.build" / f"{source.name}.o" for source in sorted((ROOT / "Sources" / part).rglob("*.swift"))}
        for source, item in items.items():
            if not item.exists():
                sys.exit(f"martlet: {item} is missing: swift build first, since this reads what was built.")
        names = undefined(items.values())
        for source, item in items.items():
            if done := kinds(names.get(item.name, set())):
                result[str(source.relative_to(ROOT / "Sources"))] = done
    return result


def exceptions(text):
    """What is right, by file: `API/Some/File.swift: compares, folds: why`."""
    result = {}
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        parts = [part.strip() for part in line.split(":", 2)]
        if len(parts) != 3 or not parts[2] or parts[0] in result:
            sys.exit(f"martlet: string-comparisons.txt, line {number}: a file, what it does and why, each file once.")
        result[parts[0]] = {kind.strip() for kind in parts[1].split(",")}
    return result


def faults(seen, allowed):
    """One sentence for each thing that is not as it should be."""
    for file in sorted(seen.keys() | allowed.keys()):
        for kind in sorted(seen.get(file, set()) - allowed.get(file, set())):
            yield f"Sources/{file} {kind} by Strings: take their bytes (String+bytes.swift, ByteName), or say in Scripts/string-comparisons.txt why not"
        for kind in sorted(allowed.get(file, set()) - seen.get(file, set())):
            yield f"Scripts/string-comparisons.txt: {file} does no longer what \"{kind}\" allows: take it away"


def test_itself():
    """That it can fail at all: with a compiler's output for each kind, and with faults of each sort."""
    source = """
        public func compare(_ a: String, _ b: String) -> Bool { a == b }
        public func among(_ a: String, _ b: [String]) -> Bool { b.contains(a) }
        public func set(_ a: [String]) -> Set<String> { Set(a) }
        public func fold(_ a: String) -> String { a.lowercased() }
        public func starts(_ a: String) -> Bool { a.hasPrefix("b") }
        public func holds(_ a: String) -> Bool { a.contains("bc") }
        public func back(_ a: String) -> String.Index? { a.lastIndex(of: "b") }
        public enum Word: String { case one, two, three, four, five, six, seven }
        public func word(_ a: String) -> Word? { Word(rawValue: a) }
        public func text(_ a: [UInt8]) -> String { String(decoding: a, as: UTF8.self) }
    """
    import tempfile
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder)
        (path / "each.swift").write_text(source)
        (path / "none.swift").write_text("public func same(_ a: [UInt8], _ b: [UInt8]) -> Bool { a == b }")
        for name in ("each", "none"):
            subprocess.run(["swiftc", "-Onone", "-parse-as-library", "-c", f"{name}.swift", "-o", f"{name}.o"], cwd=folder, check=True)
        names = undefined([path / "each.o", path / "none.o"])
        assert kinds(names["each.o"]) == set(KINDS), set(KINDS) - kinds(names["each.o"])
        assert kinds(names.get("none.o", set())) == set()
    assert len(list(faults({"a": {"compares"}}, {}))) == 1
    assert len(list(faults({}, {"a": {"compares"}}))) == 1
    assert list(faults({"a": {"compares"}}, exceptions("# why\na: compares: they are ours"))) == []


if sys.argv[1:] == ["--test"]:
    test_itself()
elif sys.argv[1:] == ["--list"]:
    for file, done in found(ROOT / ".build/debug").items():
        print(f"{file}: {', '.join(sorted(done))}")
else:
    said = list(faults(found(ROOT / ".build/debug"), exceptions((ROOT / "Scripts/string-comparisons.txt").read_text())))
    for fault in said:
        print(f"martlet: {fault}.", file=sys.stderr)
    sys.exit(1 if said else 0)
