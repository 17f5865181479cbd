"""Adds up the JUnit files of a test run: names what failed, and closes with one line. Fails if nothing ran."""

import pathlib
import sys
import xml.etree.ElementTree as ElementTree

MOST_NAMED = 40

passed = skipped = 0
failed = []
for file in sorted(pathlib.Path(sys.argv[1]).glob("*.xml")):
    for case in ElementTree.parse(file).iter("testcase"):
        fault = next((case.find(kind) for kind in ("failure", "error") if case.find(kind) is not None), None)
        if fault is not None:
            said = (fault.get("message") or fault.text or "").strip()
            failed.append(f"{case.get('classname')} {case.get('name')}: {said[:300]}")
        elif case.find("skipped") is not None:
            skipped += 1
        else:
            passed += 1
for line in failed[:MOST_NAMED]:
    print(f"failed: {line}")
print(f"{passed} passed, {len(failed)} failed" + (f", {skipped} skipped" if skipped else ""))
sys.exit(0 if passed + len(failed) else 1)
