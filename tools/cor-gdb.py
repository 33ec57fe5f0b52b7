"""Commands for gdb on a running or stopped Cor. bin/debug loads them; else: source tools/cor-gdb.py

  dmesg            the kernel's log
  ps               the threads: number, process, state, CPU, time used, name
  stack TID|0xADDR the stack trace of a thread that is not running (ps prints both)
  lsvm PID         the areas of a process's address space
  frames           the page frames that each owner has

They read structs by the names in the sources, so they need the symbols and change nothing.
"""

import gdb

STATES = "ready", "running", "sleeping", "dead"


def static(path, name):
    """A static variable of a source file, for the names that several files have."""
    return gdb.parse_and_eval("'%s'::%s" % (path, name))


def list_each(head, type_name, member):
    """The structs in a list of lib/list.h."""
    struct = gdb.lookup_type(type_name)
    offset = 0
    for part in member.split("."):
        field = next(f for f in struct.fields() if f.name == part)
        offset, struct = offset + field.bitpos // 8, field.type
    pointer = gdb.lookup_type(type_name).pointer()
    link = head["next"]
    while link and link != head.address:
        yield (link.cast(gdb.lookup_type("unsigned long")) - offset).cast(pointer)
        link = link["next"]


def threads():
    everyone = static("stage2/sched/thread.c", "threads")["all"]
    yield from list_each(everyone, "struct thread", "all_link")


def process_number(proc):
    return int(proc["pid"]["number"]) if proc else 0


class Dmesg(gdb.Command):
    """dmesg: the kernel's log."""

    def __init__(self):
        super().__init__("dmesg", gdb.COMMAND_STATUS)

    def invoke(self, argument, from_tty):
        end = int(static("stage2/core/log.c", "logs")["end"])
        ring = static("stage2/core/log.c", "ring")
        size = ring.type.sizeof
        ring = bytes(gdb.selected_inferior().read_memory(int(ring.address), size))
        text = ring[:end] if end <= size else ring[end % size:] + ring[:end % size]
        lines = text.decode("utf-8", "replace").split("\n")
        if end > size:
            lines = lines[1:]  # it may begin in the middle of one
        for line in lines:
            if line:
                print(line[3:])  # without the level


class Ps(gdb.Command):
    """ps: the threads: number, process, state, CPU, time used, name."""

    def __init__(self):
        super().__init__("ps", gdb.COMMAND_STATUS)

    def invoke(self, argument, from_tty):
        print("%6s %6s %-9s %3s %10s  %-16s %s"
              % ("TID", "PID", "STATE", "CPU", "MS", "NAME", "ADDRESS"))
        for thread in threads():
            print("%6d %6d %-9s %3d %10.3f  %-16s 0x%x"
                  % (thread["tid"], process_number(thread["proc"]), STATES[int(thread["state"])],
                     thread["cpu"], int(thread["used"]["run_ns"]) / 1e6,
                     thread["name"].string(), thread))


class Stack(gdb.Command):
    """stack TID|0xADDRESS: the stack trace of a thread that is not running."""

    def __init__(self):
        super().__init__("stack", gdb.COMMAND_STACK)

    def invoke(self, argument, from_tty):
        wanted = int(argument, 0)
        found = [t for t in threads() if wanted in (int(t), int(t["tid"]))]
        if not found:
            raise gdb.GdbError("no such thread; ps lists them")
        if int(found[0]["state"]) == STATES.index("running"):
            raise gdb.GdbError("it runs: see 'info threads' and 'backtrace'")
        self.walk(found[0]["arch"])

    def walk(self, arch):
        # What switch_stacks (arch/x86/switch.asm) pushed: r15 r14 r13 r12 rbx rbp, return address.
        word = gdb.lookup_type("unsigned long").pointer()
        saved, top = int(arch["rsp"]), int(arch["stack_top"])
        rbp, rip = (int(gdb.Value(saved + 8 * i).cast(word).dereference()) for i in (5, 6))
        while rip:
            gdb.execute("info symbol 0x%x" % rip)
            if not saved < rbp < top:
                break
            frame = gdb.Value(rbp).cast(word)
            rbp, rip = int(frame[0]), int(frame[1])


class Lsvm(gdb.Command):
    """lsvm PID: the areas of a process's address space."""

    def __init__(self):
        super().__init__("lsvm", gdb.COMMAND_STATUS)

    def each(self, node):
        if not node:
            return
        yield from self.each(node["child"][0])
        # the node is the first member of the area
        yield node.cast(gdb.lookup_type("struct vm_area").pointer())
        yield from self.each(node["child"][1])

    def invoke(self, argument, from_tty):
        wanted = int(argument, 0)
        for thread in threads():
            if process_number(thread["proc"]) == wanted and thread["proc"]["aspace"]:
                break
        else:
            raise gdb.GdbError("no process of this number has an address space; ps lists them")
        aspace = thread["proc"]["aspace"]
        for area in self.each(aspace["areas"]["tree"]["root"]):
            prot = int(area["prot"])
            rights = "".join(c if prot & bit else "-" for c, bit in (("r", 1), ("w", 2), ("x", 4)))
            name = area["name"].string() if area["name"] else "file" if area["pager"] else ""
            print("%012x-%012x %s%s %8d KiB  %s"
                  % (area["start"], area["end"], rights, "s" if int(area["flags"]) & 1 else "p",
                     (int(area["end"]) - int(area["start"])) // 1024, name))
        print("%d pages resident" % aspace["resident_pages"])


class Frames(gdb.Command):
    """frames: the page frames that each owner has."""

    def __init__(self):
        super().__init__("frames", gdb.COMMAND_STATUS)

    def invoke(self, argument, from_tty):
        frames, caches = (static("stage2/mm/frame.c", name) for name in ("frames", "caches"))
        first, last = caches.type.range()
        for field in gdb.lookup_type("enum frame_owner").fields():
            owner = field.enumval
            if field.name == "FRAME_OWNERS":
                continue
            count = int(frames["counts"][owner])
            count += sum(int(caches[i]["counts"][owner]) for i in range(first, last + 1))
            print("%10d  %s" % (count, field.name[len("FRAME_"):].lower()))
        print("%10d  in all" % frames["total"])


for command in Dmesg, Ps, Stack, Lsvm, Frames:
    command()
