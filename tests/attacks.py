"""Byte sequences that a hostile container could print, and what each is after.

Sources: xterm's ctlseqs; CVE-2003-0063 (title report), CVE-2008-2383 (DECRQSS), CVE-2022-45063
(font answer), CVE-2022-24130 (sixel), CVE-2024-38396 and -56803 (title report in iTerm2, ghostty), and the
kitty and iTerm2 protocols for files and notifications.
"""

MARK = "EVIL7"
_M = MARK.encode()

ATTACKS: dict[str, bytes] = {
    "title": b"\x1b]0;" + _M + b"\x07",
    "title-with-newline": b"\x1b]2;a\n" + _M + b"\r\x07",
    "title-and-its-report": b"\x1b]2;" + _M + b"\x07\x1b[21t",
    "icon-name-report": b"\x1b]1;" + _M + b"\x07\x1b[20t",
    "title-stack": b"\x1b[22;0t\x1b]2;" + _M + b"\x07\x1b[23;0t\x1b[21t",
    "clipboard-write": b"\x1b]52;c;RVZJTDc=\x07",
    "clipboard-write-primary": b"\x1b]52;p;RVZJTDc=\x1b\\",
    "clipboard-read": b"\x1b]52;c;?\x07",
    "clipboard-large": b"\x1b]52;c;" + b"QUFB" * 60_000 + b"\x07",
    "kitty-clipboard": b"\x1b]5522;type=write\x1b\\\x1b]5522;type=wdata;RVZJTDc=\x1b\\",
    "hyperlink-file": b"\x1b]8;;file:///etc/" + _M + b"\x1b\\click\x1b]8;;\x1b\\",
    "hyperlink-other-text": b"\x1b]8;;http://"
    + _M
    + b".example/\x1b\\https://bank.example\x1b]8;;\x1b\\",
    "notification-9": b"\x1b]9;" + _M + b"\x07",
    "notification-777": b"\x1b]777;notify;" + _M + b";" + _M + b"\x07",
    "notification-99": b"\x1b]99;i=1:d=0;" + _M + b"\x1b\\",
    "iterm-file": b"\x1b]1337;File=name=RVZJTDc=;inline=0:" + b"QUFB" * 50 + b"\x07",
    "iterm-profile": b"\x1b]1337;SetProfile=" + _M + b"\x07",
    "iterm-open": b"\x1b]1337;OpenURL=:aHR0cDovL2V2aWw=\x07",
    "working-directory": b"\x1b]7;file://" + _M + b"/x\x07",
    "colour-query": b"\x1b]10;?\x07\x1b]11;?\x07\x1b]4;1;?\x07",
    "colour-set": b"\x1b]11;rgb:ff/00/00\x07\x1b]104\x07",
    "font-query": b"\x1b]50;" + _M + b"\x07\x1b]50;?\x07",
    "device-attributes": b"\x1b[c\x1b[>c\x1b[=c\x1b[>q\x1b[5n\x1b[6n\x1b[?6n",
    "decrqss": b"\x1bP$q" + _M + b"\x1b\\\x1bP$qm\x1b\\",
    "xtgettcap": b"\x1bP+q4556494c\x1b\\",
    "answerback": b"\x05" * 50,
    "dcs-program-keys": b"\x1bP0;1|17/" + _M.hex().encode() + b"\x1b\\",
    "macro": b"\x1bP1;0;0!z" + _M + b"\x1b\\\x1b[1*z",
    "sixel": b"\x1bPq#0;2;0;0;0#0~~@@vv@@~~@@~~$\x1b\\",
    "kitty-graphics": b"\x1b_Ga=T,f=100,t=f;L2V0Yy9wYXNzd2Q=\x1b\\",
    "apc-tmux": b"\x1bPtmux;\x1b\x1b]52;c;RVZJTDc=\x07\x1b\\",
    "screen-title": b"\x1bk" + _M + b"\x1b\\",
    "window-size": b"\x1b[8;3;3t\x1b[4;10;10t\x1b[9;1t\x1b[5t\x1b[2t",
    "window-reports": b"\x1b[11t\x1b[13t\x1b[14t\x1b[18t\x1b[19t",
    "print-screen": b"\x1b[i\x1b[5i" + _M + b"\x1b[4i",
    "mouse-on": b"\x1b[?1003h\x1b[?1006h",
    "paste-off": b"\x1b[?2004l",
    "alternate-screen": b"\x1b[?1049h" + _M + b"\x1b[?1049l",
    "columns": b"\x1b[?40h\x1b[?3h\x1b[?3l",
    "reset": b"\x1bc\x1b[!p",
    "c1-controls": b"\xc2\x9d0;" + _M + b"\xc2\x9c\xc2\x9b21t",
    "raw-c1": b"\x9d52;c;RVZJTDc=\x9c\x9b6n",
    "bidi": "\u202e".encode() + _M + "\u2066\u2069\u200b\u200f".encode(),
    "zero-width-flood": b"a" + "\u0301".encode() * 5000,
    "nul-and-del": b"\x00\x7f\x08\x08\x08" + _M,
    "endless-osc": b"\x1b]2;" + b"x" * 100_000,
    "endless-csi": b"\x1b[" + b"1;" * 20_000 + b"m",
    "unfinished": b"\x1b",
    "overlong-utf8": b"\xc0\x9b]52;c;RVZJTDc=\xc0\x87\xf8\x88\x80\x80\x80",
    "semantic-prompt": b"\x1b]133;A\x07\x1b]633;E;" + _M + b"\x07",
    "desktop-progress": b"\x1b]9;4;1;50\x07",
    "kitty-keyboard": b"\x1b[>31u\x1b[?u",
    "kitty-remote-control": b'\x1bP@kitty-cmd{"cmd":"launch","args":["' + _M + b'"]}\x1b\\',
}
"""Names to bytes."""
