"""Reads callgrind's output: what our own code costs below one function, without what it calls for encryption."""
import re
from collections import defaultdict

# C functions of aws-lc carry its version in their names.
ENCRYPTION = re.compile(r"^aws_lc_[\d_]+")
HASH = re.compile(r"::h[0-9a-f]{16}$")


def read(text):
    """Self cost of each function, and inclusive cost of each call from one to another."""
    own, calls = defaultdict(int), defaultdict(int)
    caller = callee = None
    is_call = False
    for line in text.splitlines():
        if line.startswith("fn="):
            caller = plain(line[3:])
        elif line.startswith("cfn="):
            callee = plain(line[4:])
        elif line.startswith("calls="):
            is_call = True
        elif line[:1].isdigit() or line[:1] in "+-*":
            cost = int(line.split()[1]) if len(line.split()) > 1 else 0
            if is_call:
                calls[caller, callee] += cost
            else:
                own[caller] += cost
            is_call = False
    return own, calls


def plain(name):
    """A function's name without the compiler's hash and without callgrind's mark of recursion."""
    return HASH.sub("", re.sub(r"'\d+$", "", name))


def own_cost(text, root):
    """Instructions of every function at or below `root` that is not encryption. A function that both sides call (the
    C library's memcpy) counts by what our calls of it cost."""
    own, calls = read(text)
    ours, waiting = set(), [root]
    while waiting:
        name = waiting.pop()
        if name in ours or ENCRYPTION.match(name):
            continue
        ours.add(name)
        waiting.extend(callee for caller, callee in calls if caller == name)
    result = {}
    for name in ours:
        from_us = sum(cost for (caller, callee), cost in calls.items() if callee == name and caller in ours)
        from_all = sum(cost for (_, callee), cost in calls.items() if callee == name)
        share = from_us / from_all if from_all and name != root else 1
        result[name] = own[name] * share
    return {name: cost for name, cost in result.items() if cost > 0}
