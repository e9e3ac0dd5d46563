"""Take from a process what it needs not: memory beyond a limit, sockets, other programs.

Queries are refused before they are evaluated if they call other servers; this is the wall behind that one.
"""

import contextlib
import ctypes
import platform
import resource
import struct
import sys

_PR_SET_PDEATHSIG, _PR_SET_NO_NEW_PRIVS, _PR_SET_SECCOMP = 1, 38, 22
_FILTER_MODE = 2
_SIGKILL = 9
_EPERM = 1

# https://www.kernel.org/doc/html/latest/userspace-api/seccomp_filter.html
_ALLOW, _REFUSE = 0x7FFF0000, 0x00050000 | _EPERM
_LOAD, _JUMP_IF_EQUAL, _RETURN = 0x20, 0x15, 0x06  # BPF_LD|W|ABS, BPF_JMP|JEQ|K, BPF_RET|K
_NUMBER_AT, _ARCHITECTURE_AT = 0, 4  # in struct seccomp_data

_ARCHITECTURES = {
    # machine: (AUDIT_ARCH_*, socket, execve, execveat)
    "x86_64": (0xC000003E, (41, 59, 322)),
    "aarch64": (0xC00000B7, (198, 221, 281)),
}


def confine(memory: int) -> bool:
    """Bound the memory of this process to `memory` bytes, end it with its parent, and take its network away.

    Call it before there are threads. Return whether the network is out of reach: the kernel refuses new
    sockets on Linux (x86-64 and ARM64); elsewhere only the look at the query stands in their way.
    """
    if sys.platform == "linux":
        resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    return sys.platform == "linux" and _confine_linux()


def _confine_linux() -> bool:
    with contextlib.suppress(OSError, AttributeError):
        libc = ctypes.CDLL(None, use_errno=True)
        libc.prctl(_PR_SET_PDEATHSIG, _SIGKILL, 0, 0, 0)
        architecture = _ARCHITECTURES.get(platform.machine())
        if architecture and libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0:
            return bool(_refuse_calls(libc, *architecture))
    return False


def _refuse_calls(libc: ctypes.CDLL, architecture: int, calls: tuple[int, ...]) -> bool:
    """Have the kernel answer these system calls with EPERM, from now on and in all threads begun later."""
    program = [_instruction(_LOAD, 0, 0, _ARCHITECTURE_AT)]
    program += [_instruction(_JUMP_IF_EQUAL, 1, 0, architecture), _instruction(_RETURN, 0, 0, _REFUSE)]
    program += [_instruction(_LOAD, 0, 0, _NUMBER_AT)]
    for left, call in zip(range(len(calls), 0, -1), calls, strict=True):
        program.append(_instruction(_JUMP_IF_EQUAL, left, 0, call))
    program += [_instruction(_RETURN, 0, 0, _ALLOW), _instruction(_RETURN, 0, 0, _REFUSE)]
    code = ctypes.create_string_buffer(b"".join(program))
    header = struct.pack("@HxxxxxxP", len(program), ctypes.addressof(code))  # struct sock_fprog
    return int(libc.prctl(_PR_SET_SECCOMP, _FILTER_MODE, ctypes.c_char_p(header), 0, 0)) == 0


def _instruction(code: int, if_true: int, if_false: int, value: int) -> bytes:
    return struct.pack("@HBBI", code, if_true, if_false, value)  # struct sock_filter
