#!/usr/bin/env python3
"""A bad network between two namespaces: what `tc netem` would do, for kernels without it.

Makes two TUN devices, leaves the first here and moves the second into another namespace, and carries every IP packet
(UDP, TCP, both directions alike) from one to the other, late or not at all. Seeded: the same packets meet the same fate.
Orders are JSON objects, one a line, on standard input; each replaces what was set before and is answered with a line.

  loss     share of packets that vanish           delay    ms that each packet takes
  jitter   ms more at random, order is kept       reorder  share of packets that the next ones overtake, by 20 ms
  kbit     rate; more waits up to 300 ms          mtu      longer packets vanish without a word
  down     true: nothing passes
"""
import fcntl
import heapq
import json
import os
import random
import select
import struct
import subprocess
import sys
import time

TUNSETIFF = 0x400454CA
IFF_TUN, IFF_NO_PI = 0x0001, 0x1000
QUEUE_S = 0.3
OVERTAKEN_S = 0.02


class Direction:
    """One way of the link."""

    def __init__(self, out, seed):
        self.out, self.random = out, random.Random(seed)
        self.waiting, self.number = [], 0
        self.free = self.last = 0.0
        self.counts = {"carried": 0, "lost": 0, "queue_full": 0, "too_long": 0, "bytes": 0}

    def take(self, packet, rules, now):
        """Puts a packet on its way, or loses it."""
        # Drawn for every packet, so that a packet's fate does not hang on the fate of others.
        fate, late, overtaken = self.random.random(), self.random.random(), self.random.random()
        if rules.get("down") or fate < rules.get("loss", 0):
            self.counts["lost"] += 1
            return
        if len(packet) > rules.get("mtu", 65535):
            self.counts["too_long"] += 1
            return
        sent = now
        if rate := rules.get("kbit"):
            if self.free - now > QUEUE_S:
                self.counts["queue_full"] += 1
                return
            self.free = max(self.free, now) + len(packet) * 8 / (rate * 1000)
            sent = self.free
        due = sent + (rules.get("delay", 0) + late * rules.get("jitter", 0)) / 1000
        if overtaken < rules.get("reorder", 0):
            due += OVERTAKEN_S
        else:
            due = self.last = max(due, self.last)
        self.number += 1
        heapq.heappush(self.waiting, (due, self.number, packet))

    def deliver(self, now):
        """Writes what is due; seconds until the next is, or None."""
        while self.waiting and self.waiting[0][0] <= now:
            packet = heapq.heappop(self.waiting)[2]
            self.counts["carried"] += 1
            self.counts["bytes"] += len(packet)
            try:
                os.write(self.out, packet)
            except OSError:
                self.counts["lost"] += 1
        return max(0.0, self.waiting[0][0] - now) if self.waiting else None


def tun(name):
    device = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(device, TUNSETIFF, struct.pack("16sH", name.encode(), IFF_TUN | IFF_NO_PI))
    return device


def ip(*words):
    subprocess.run(["ip", *words], check=True)


def connect(namespace, here, there, far_mtu):
    """The devices with their addresses; `here` and `there` are lists of addresses with their prefix length."""
    near, far = tun("near"), tun("far")
    ip("link", "set", "far", "netns", namespace)
    for prefix, name, addresses, mtu in (([], "near", here, 1500), (["-n", namespace], "far", there, far_mtu)):
        ip(*prefix, "link", "set", name, "mtu", str(mtu))
        for address in addresses:
            ip(*prefix, "addr", "add", address, "dev", name, *(["nodad"] if ":" in address else []))
        ip(*prefix, "link", "set", name, "up")
        # Without a default route browsers gather no candidate.
        for family in {"-6" if ":" in address else "-4" for address in addresses}:
            ip(*prefix, family, "route", "add", "default", "dev", name)
    return near, far


def drain(device, direction, rules):
    now = time.monotonic()
    while True:
        try:
            direction.take(os.read(device, 65535), rules, now)
        except BlockingIOError:
            return


def main():
    plan = json.loads(sys.argv[1])
    near, far = connect(plan["namespace"], plan["here"], plan["there"], plan.get("farMtu", 1500))
    down, up = Direction(far, plan["seed"]), Direction(near, plan["seed"] + 1)
    rules = plan["rules"]
    print(json.dumps({"ready": True}), flush=True)
    while True:
        now = time.monotonic()
        waits = [wait for wait in (down.deliver(now), up.deliver(now)) if wait is not None]
        readable, _, _ = select.select([near, far, 0], [], [], min(waits, default=None))
        if near in readable:
            drain(near, down, rules)
        if far in readable:
            drain(far, up, rules)
        if 0 in readable:
            line = sys.stdin.buffer.raw.readline()
            if not line:
                return
            rules = json.loads(line)
            print(json.dumps({"down": down.counts, "up": up.counts}), flush=True)


if __name__ == "__main__":
    main()
