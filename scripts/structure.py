#!/usr/bin/env python3
"""The shape of the tree, checked: file and function lengths, the arrows between crates, and every promise's test.

Prints one line for each breach and ends with 1 when there is any.
"""
import pathlib
import re
import subprocess
import sys
import tomllib

ROOT = pathlib.Path(__file__).resolve().parent.parent
MAX_FILE = 500
MAX_FUNCTION = 70
CODE = {".rs", ".ts", ".svelte", ".mjs", ".js", ".py", ".sh", ".css", ".html"}
GENERATED = ("web/src/generated/",)

# What each crate may use of ours, beside `store` and `protocol`, which all may use.
ARROWS = {
    "sfu-wire": set(),
    "sfu-engine": {"sfu-wire"},
    "sfu-node": {"sfu-engine", "sfu-wire"},
    "protocol": set(),
    "store": set(),
    "classroom": set(),
    "service": {"classroom", "sfu-node"},
    "recorder": {"sfu-wire"},
    "retention": set(),
    "lectern": {"service", "recorder", "retention", "sfu-node"},
    "benches": {"sfu-wire", "sfu-engine", "sfu-node"},
}
SHARED = {"protocol", "store"}
# Crates of pure logic, and what they must not know (ARCHITECTURE.md, invariant 1).
PURE = ("sfu/wire/src", "sfu/engine/src", "signaling/classroom/src")
IMPURE = re.compile(r"\b(tokio|std::net::(Udp|Tcp)|Instant::now|SystemTime::now|std::thread|rand::|SystemRandom)\b")
# The one place where the engine makes its certificate: handshakes bring their own randomness (RFC 5246 §7.4.1.2).
IMPURE_ALLOWED = {"sfu/engine/src/session"}


def tracked():
    """Files that git knows or would add."""
    listing = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return [line for line in listing.stdout.splitlines() if (ROOT / line).is_file()]


def long_files(files):
    for name in files:
        path = ROOT / name
        is_script = path.suffix == "" and name.startswith("scripts/")
        if (path.suffix in CODE or is_script) and not name.startswith(GENERATED):
            lines = len(path.read_text(encoding="utf-8").splitlines())
            if lines > MAX_FILE:
                yield f"{name}: {lines} lines, at most {MAX_FILE}: split it by question"


def long_functions(files):
    start = re.compile(r"^(\s*)(?:pub(?:\([^)]*\))? )?(?:const |async |unsafe |extern \"C\" )*fn (\w+)")
    for name in files:
        if not name.endswith(".rs"):
            continue
        lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
        for at, line in enumerate(lines):
            found = start.match(line)
            if not found:
                continue
            indent, function = found.groups()
            end = next((n for n in range(at, len(lines)) if lines[n].startswith(f"{indent}}}")), at)
            if end - at + 1 > MAX_FUNCTION:
                yield f"{name}:{at + 1}: {function} has {end - at + 1} lines, at most {MAX_FUNCTION}"


def arrows():
    workspace = tomllib.loads((ROOT / "Cargo.toml").read_text())["workspace"]
    for member in workspace["members"]:
        manifest = tomllib.loads((ROOT / member / "Cargo.toml").read_text())
        name = manifest["package"]["name"]
        allowed = ARROWS.get(name)
        if allowed is None:
            yield f"{member}: the crate {name} has no arrows in scripts/structure.py"
            continue
        for used in set(manifest.get("dependencies", {})) & set(ARROWS):
            if used not in allowed | SHARED:
                yield f"{member}: {name} must not use {used}: arrows go down only"


def impure(files):
    for name in files:
        if not name.endswith(".rs") or not name.startswith(PURE) or "/tests" in name:
            continue
        if any(name.startswith(allowed) for allowed in IMPURE_ALLOWED):
            continue
        for at, line in enumerate((ROOT / name).read_text().splitlines(), 1):
            if "#[cfg(test)]" in line:
                break
            if IMPURE.search(line.split("//")[0]):
                yield f"{name}:{at}: logic must not know {IMPURE.search(line).group(0)}"


def unsafe_outside_node(files):
    for name in files:
        if not name.endswith(".rs") or name.startswith(("sfu/node/", "benches/")):
            continue
        for at, line in enumerate((ROOT / name).read_text().splitlines(), 1):
            if re.search(r"\bunsafe\s*(\{|impl|fn)", line.split("//")[0]) and "/tests/" not in name:
                yield f"{name}:{at}: unsafe lives in sfu/node only"


def promises(files):
    """Every R and N id stands in SPECIFICATION.md with a test that exists, or with the word pending."""
    wanted = [f"R{n}" for n in (
        *range(1, 9), 10, 11, 12, 13, 14, 15, 16, *range(20, 23), *range(30, 35), *range(40, 44),
        *range(50, 62), *range(70, 78))] + [f"N{n}" for n in range(1, 7)]
    text = (ROOT / "SPECIFICATION.md").read_text(encoding="utf-8")
    rows = {m.group(1): m.group(0) for m in re.finditer(r"^\| ([RN]\d+) \|.*$", text, re.M)}
    sources = "\n".join(
        (ROOT / name).read_text(encoding="utf-8") for name in files if name.endswith((".rs", ".ts", ".mjs"))
    )
    for promise in wanted:
        row = rows.get(promise)
        if row is None:
            yield f"SPECIFICATION.md: {promise} is missing"
            continue
        tests = re.findall(r"`([a-z0-9_]+)`", row)
        if not tests and "pending" not in row:
            yield f"SPECIFICATION.md: {promise} names no test and is not pending"
        for test in tests:
            if not re.search(rf"\b{test}\b", sources):
                yield f"SPECIFICATION.md: {promise} names the test {test}, which does not exist"


def main():
    files = tracked()
    breaches = [
        *long_files(files), *long_functions(files), *arrows(), *impure(files), *unsafe_outside_node(files),
        *promises(files),
    ]
    print("\n".join(breaches) or "structure: every rule holds")
    return 1 if breaches else 0


if __name__ == "__main__":
    sys.exit(main())
