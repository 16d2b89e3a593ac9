"""Keys and the bytes that terminals send for them: xterm's ctlseqs and kitty's legacy table."""

from __future__ import annotations

PREFIXES = (b"\x1d", b"\x1b[24~")
Row = tuple[str, bytes]


def xterm() -> list[Row]:
    """Every row of the key tables in ctlseqs, with each modifier from 2 to 16."""
    rows: list[Row] = []
    for final in "ABCDEFH":
        rows += [(f"cursor {final}", f"\x1b[{final}".encode())]
        rows += [(f"application cursor {final}", f"\x1bO{final}".encode())]
        rows += [(f"cursor {final};{m}", f"\x1b[1;{m}{final}".encode()) for m in range(2, 17)]
    for final in "PQRS":
        rows += [(f"pf {final}", f"\x1bO{final}".encode())]
        rows += [(f"pf {final};{m}", f"\x1b[1;{m}{final}".encode()) for m in range(2, 17)]
    for number in (1, 2, 3, 4, 5, 6, 7, 8, 11, 12, 14, 15, *range(17, 22), *range(23, 27), 28, 29,
                   *range(31, 35)):  # fmt: skip
        rows += [(f"tilde {number}", f"\x1b[{number}~".encode())]
        rows += [(f"tilde {number};{m}", f"\x1b[{number};{m}~".encode()) for m in range(2, 17)]
    for final in " IMXjklmnopqrstuvwxy":
        rows += [(f"keypad {final}", f"\x1bO{final}".encode())]
    for final in "MXjklmnopqrstuvwxy":
        rows += [(f"keypad {final};{m}", f"\x1bO{m}{final}".encode()) for m in (2, 5, 16)]
    rows += [("backtab", b"\x1b[Z"), ("linux f1", b"\x1b[[A"), ("linux f5", b"\x1b[[E")]
    rows += [(f"rxvt {tail}", f"\x1b[{tail}".encode()) for tail in ("a", "d", "7^", "8$", "3@")]
    rows += [("meta up", b"\x1b\x1b[A"), ("meta f5", b"\x1b\x1b[15~"), ("meta f1", b"\x1b\x1bOP")]
    for code in (8, 9, 13, 27, 32, 39, 46, 48, 49, 59, 61, 64, 65, 97, 105, 109, 127):
        rows += [(f"other {code};{m}", f"\x1b[27;{m};{code}~".encode()) for m in range(2, 17)]
    return rows


def text() -> list[Row]:
    """Characters and control bytes, without and with Alt."""
    rows: list[Row] = [(f"byte {code}", bytes([code])) for code in range(128)]
    rows += [(f"alt {code}", bytes([27, code])) for code in range(128)]
    for char in "é§€ß漢😀\u00a0\u202f\u3000\u200d\u0301\U0001fae8\ue0b0\U000f0001":
        rows += [
            (f"char {ord(char):x}", char.encode()),
            (f"alt {ord(char):x}", b"\x1b" + char.encode()),
        ]
    rows += [
        ("Esc :wq", b"\x1b:wq"), ("Esc 1G", b"\x1b1G"), ("Esc .", b"\x1b."), ("Esc Esc", b"\x1b\x1b"),
        ("Esc O word", b"\x1bOmy word"), ("Esc P", b"\x1bP"), ("alt+enter", b"\x1b\r"),
        ("alt+backspace", b"\x1b\x7f"), ("ctrl+h", b"\x08"), ("Esc ]", b"\x1b]"),
    ]  # fmt: skip
    return rows


def legacy() -> list[Row]:
    """All rows of both but the prefix keys, which the program takes for itself."""
    rows = dict.fromkeys(data for _, data in (*xterm(), *text()))
    names = {data: name for name, data in (*xterm(), *text())}
    return [
        (names[data], data)
        for data in rows
        if not any(data in (prefix, b"\x1b" + prefix) for prefix in PREFIXES)
    ]


# (key, plain, shift, alt, ctrl, shift+alt, alt+ctrl), from kitty's "Legacy text keys".
_SIGNS = list(zip("`1234567890-=[]\\;',./", '~!@#$%^&*()_+{}|:"<>?', strict=True))
_CTRL = {
    "2": 0, "3": 27, "4": 28, "6": 30, "7": 31, "8": 127, "/": 31, "[": 27, "\\": 28, " ": 0,
}  # fmt: skip


def kitty() -> list[tuple[str, bytes, bytes]]:
    """(name, what a terminal sends in the kitty protocol, the legacy bytes of the same key)."""
    rows: list[tuple[str, bytes, bytes]] = []

    def row(name: str, sent: str, legacy: bytes | str) -> None:
        data = legacy.encode() if isinstance(legacy, str) else legacy
        if data not in PREFIXES and data != b"\x1b\x1d":
            rows.append((f"{name} {sent!r}", sent.encode(), data))

    for plain, shifted in [(c, c.upper()) for c in "abcdefghijklmnopqrstuvwxyz"] + _SIGNS:
        code, up = ord(plain), ord(shifted)
        ctrl = bytes([code & 31]) if plain.isalpha() else plain.encode()
        ctrl = bytes([_CTRL[plain]]) if plain in _CTRL else b"\x1d" if plain in "]5" else ctrl
        for locks in (0, 64, 128):
            row("alt", f"\x1b[{code};{3 + locks}u", b"\x1b" + plain.encode())
            row("ctrl", f"\x1b[{code};{5 + locks}u", ctrl)
        row("shift+alt", f"\x1b[{code}:{up};4u", b"\x1b" + shifted.encode())
        row("shift+alt", f"\x1b[{code};4u", b"\x1b" + shifted.encode())
        row("ctrl+alt", f"\x1b[{code};7u", b"\x1b" + ctrl)
        row("all keys", f"\x1b[{code};;{code}u", plain)
        row("all keys, shift", f"\x1b[{code};2;{up}u", shifted)
        row("repeat", f"\x1b[{code};3:2u", b"\x1b" + plain.encode())
        row("release", f"\x1b[{code};3:3u", b"")
        row("super", f"\x1b[{code};9u", b"")
        if shifted not in "@^_?~":
            for locks in (0, 64):
                row("ctrl+shift", f"\x1b[{code}:{up};{6 + locks}u", f"\x1b[{code};6u")
            row("ctrl+shift", f"\x1b[{code};6u", f"\x1b[{code};6u")
            row("ctrl+shift+alt", f"\x1b[{code}:{up};8u", f"\x1b[{code};8u")
    for code, up, byte in ((50, 64, 0), (54, 94, 30), (45, 95, 31), (47, 63, 127), (96, 126, 30)):
        row("ctrl+sign", f"\x1b[{code}:{up};6u", bytes([byte]))
    for code, plain, shift, alt, ctrl, both in (
        (13, b"\r", b"\r", b"\x1b\r", b"\r", b"\x1b\r"),
        (27, b"\x1b", b"\x1b", b"\x1b\x1b", b"\x1b", b"\x1b\x1b"),
        (127, b"\x7f", b"\x7f", b"\x1b\x7f", b"\x08", b"\x1b\x08"),
        (9, b"\t", b"\x1b[Z", b"\x1b\t", b"\t", b"\x1b\t"),
        (32, b" ", b" ", b"\x1b ", b"\0", b"\x1b\0"),
    ):
        for mods, data in ((1, plain), (2, shift), (3, alt), (5, ctrl), (7, both)):
            row("legacy key", f"\x1b[{code};{mods}u", data)
        row("legacy key", f"\x1b[{code}u", plain)
    for final in "PQRS":
        row("f1-f4", f"\x1b[{final}", f"\x1bO{final}")
        if final != "R":  # CSI 1;… R would be a cursor position report
            row("f1-f4", f"\x1b[1;129{final}", f"\x1bO{final}")
    row("f3", "\x1b[13~", "\x1bOR")
    row("f3", "\x1b[13;5~", "\x1b[1;5R")
    for final in "ABCDFH":
        row("cursor", f"\x1b[1;1:2{final}", f"\x1b[{final}")
        row("cursor", f"\x1b[1;5:1{final}", f"\x1b[1;5{final}")
        row("cursor", f"\x1b[1;129{final}", f"\x1b[{final}")
        row("cursor", f"\x1b[1;5:3{final}", "")
    for number, legacy in ((57399, "0"), (57408, "9"), (57414, "\r"), (57413, "+"),
                           (57417, "\x1b[D"), (57421, "\x1b[5~"), (57426, "\x1b[3~")):  # fmt: skip
        row("keypad", f"\x1b[{number}u", legacy)
    row("keypad, ctrl", "\x1b[57419;5u", "\x1b[1;5A")
    row("shift alone", "\x1b[57441;2u", "")
    row("f13", "\x1b[57376u", "\x1b[25~")
    row("Cyrillic, ctrl", "\x1b[1089::99;5u", b"\x03")
    row("Cyrillic, ctrl+shift", "\x1b[1089:1057:99;6u", "\x1b[1089;6u")
    row("Cyrillic, alt", "\x1b[1089::99;3u", "\x1bс")
    return rows
