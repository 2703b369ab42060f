from contextvars import copy_context

from leadpact.words import _, ngettext, use_language


def spoken_in(*language):
    use_language(*language)
    return _("kept"), ngettext("one lead", "many leads", 1), ngettext("one lead", "many leads", 2)


def test_an_unknown_language_speaks_english():
    assert copy_context().run(spoken_in, "tlh") == ("kept", "one lead", "many leads")


def test_a_catalogue_is_spoken_in_its_own_context_only(tmp_path):
    catalogue(tmp_path / "pt_BR" / "LC_MESSAGES" / "leadpact.mo", {"": HEAD, "kept": "mantida"})
    assert copy_context().run(spoken_in, "pt-BR", tmp_path) == ("mantida", "one lead", "many leads")
    assert _("kept") == "kept"


HEAD = "Content-Type: text/plain; charset=UTF-8\nPlural-Forms: nplurals=2; plural=(n != 1);\n"


def catalogue(path, messages):
    """Write a compiled catalogue: a table of lengths and offsets for each side, then the texts."""
    path.parent.mkdir(parents=True)
    keys = sorted(messages)
    sources, targets = [k.encode() for k in keys], [messages[k].encode() for k in keys]
    start = 28 + 16 * len(keys)
    tables, body = b"", b""
    for side in (sources, targets):
        for text in side:
            tables += len(text).to_bytes(4, "little") + (start + len(body)).to_bytes(4, "little")
            body += text + b"\0"
    words = (0x950412DE, 0, len(keys), 28, 28 + 8 * len(keys), 0, start)
    path.write_bytes(b"".join(w.to_bytes(4, "little") for w in words) + tables + body)
